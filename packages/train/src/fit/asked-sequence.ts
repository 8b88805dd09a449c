import { DAY_MS, dayOf, type Rng, shuffle } from '@perennial/core'

/** Events of one user that a batch takes, oldest first; views. */
export interface TrainingSequence {
  readonly itemRows: Int32Array
  readonly timestampMs: Float64Array
}

/** One user's part of a batch: what the network reads, and what it is asked. */
export interface AskedSequence {
  /** Item rows; shape `[T]`. */
  readonly tokens: Int32Array
  /** Seconds since 1970 UTC; shape `[T]`. */
  readonly eventSeconds: Float64Array
  readonly askedSeconds: Float64Array
  /** Positions of the tokens that are asked, ascending; shape `[Q]`. */
  readonly questions: Int32Array
  /** Item rows; shape `[Q]`. */
  readonly targets: Int32Array
}

/** Asks at each event for the one after it, at its time. */
export function askNext({ itemRows, timestampMs }: TrainingSequence): AskedSequence {
  const seconds = Float64Array.from(timestampMs, toSeconds)
  return {
    tokens: itemRows.subarray(0, -1),
    eventSeconds: seconds.subarray(0, -1),
    askedSeconds: seconds.subarray(1),
    questions: Int32Array.from({ length: itemRows.length - 1 }, (_, t) => t),
    targets: itemRows.subarray(1),
  }
}

/**
 * How often a visit is asked, at one time. One answer leaves most of a horizon unused in an epoch, and asking again
 * costs little beside reading the history.
 */
export const ANSWERS_A_VISIT = 4

/**
 * Asks at the end of each visit but the last for items bought within the horizon after the question.
 *
 * The question's time is uniform over the horizon before the next visit, as far as that is after the visit's end, so
 * that there is always an answer. Four are drawn from the distinct items from then until the horizon ends, some of them
 * again where there are fewer. Items of a visit come in random order, since all that a day holds is one purchase; a
 * token within a visit is asked nothing.
 *
 * @see Pancha et al. 2022, {@link https://arxiv.org/abs/2205.04507 | arXiv:2205.04507}, section 3.4 (dense all action).
 * Differs: every visit is asked instead of random positions, four times instead of once, and at a time of its own
 * instead of that of the event.
 */
export function askHorizon(
  { itemRows, timestampMs }: TrainingSequence,
  { horizonDays, rng }: { readonly horizonDays: number; readonly rng: Rng },
): AskedSequence {
  const horizonMs = horizonDays * DAY_MS
  const starts = visitStarts(timestampMs)
  const length = starts[starts.length - 1] as number
  const seconds = Float64Array.from(timestampMs, toSeconds)
  const tokens = itemRows.slice(0, length)
  const askedSeconds = seconds.slice(1, length + 1)
  const questions = new Int32Array(ANSWERS_A_VISIT * (starts.length - 1))
  const targets = new Int32Array(questions.length)
  for (let v = 0; v + 1 < starts.length; v++) {
    const next = starts[v + 1] as number
    const nextMs = timestampMs[next] as number
    const earliestMs = Math.max(timestampMs[next - 1] as number, nextMs - horizonMs)
    const askedMs = nextMs - rng.next() * (nextMs - earliestMs)
    let end = next
    while (end < itemRows.length && (timestampMs[end] as number) < askedMs + horizonMs) end++
    const answers = shuffle([...new Set(itemRows.subarray(next, end))], rng)
    questions.fill(next - 1, ANSWERS_A_VISIT * v, ANSWERS_A_VISIT * (v + 1))
    for (let i = 0; i < ANSWERS_A_VISIT; i++)
      targets[ANSWERS_A_VISIT * v + i] = answers[i % answers.length] as number
    askedSeconds[next - 1] = toSeconds(askedMs)
    shuffle(tokens.subarray(starts[v], next), rng)
  }
  return {
    tokens,
    eventSeconds: seconds.subarray(0, length),
    askedSeconds,
    questions,
    targets,
  }
}

/** Returns sequences one after another, each with its place in `offsets`; the questions become those of all tokens. */
export function joinSequences(
  parts: readonly AskedSequence[],
): AskedSequence & { readonly offsets: Int32Array } {
  const offsets = new Int32Array(parts.length + 1)
  let numQuestions = 0
  parts.forEach(({ tokens, questions }, b) => {
    offsets[b + 1] = (offsets[b] as number) + tokens.length
    numQuestions += questions.length
  })
  const numTokens = offsets[parts.length] as number
  const all = {
    offsets,
    tokens: new Int32Array(numTokens),
    eventSeconds: new Float64Array(numTokens),
    askedSeconds: new Float64Array(numTokens),
    questions: new Int32Array(numQuestions),
    targets: new Int32Array(numQuestions),
  }
  let asked = 0
  parts.forEach((part, b) => {
    const first = offsets[b] as number
    all.tokens.set(part.tokens, first)
    all.eventSeconds.set(part.eventSeconds, first)
    all.askedSeconds.set(part.askedSeconds, first)
    all.questions.set(
      part.questions.map((token) => first + token),
      asked,
    )
    all.targets.set(part.targets, asked)
    asked += part.questions.length
  })
  return all
}

/** Returns whole seconds, as the exported network reads times. */
export function toSeconds(timestampMs: number): number {
  return Math.floor(timestampMs / 1000)
}

function visitStarts(timestampMs: Float64Array): number[] {
  const starts: number[] = []
  timestampMs.forEach((timeMs, i) => {
    if (i === 0 || dayOf(timeMs) !== dayOf(timestampMs[i - 1] as number)) starts.push(i)
  })
  return starts
}
