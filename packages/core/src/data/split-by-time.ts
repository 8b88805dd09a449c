import { checkNumber, RecommenderError } from '../errors.ts'
import type { Dataset } from './dataset.ts'
import type { RankingCase, Split } from './ranking-case.ts'
import type { Sequences } from './sequences.ts'

/** Options of {@link splitByTime}; all in milliseconds, cuts since 1970-01-01 UTC. */
export interface SplitByTimeOptions {
  /** The test question is asked at this time. */
  readonly testCutMs: number
  /** How far after the cut a purchase counts as right; above 0. */
  readonly horizonMs: number
  /** Training ends here; at most `testCutMs - horizonMs`. @defaultValue `testCutMs - horizonMs` */
  readonly validationCutMs?: number | undefined
}

/**
 * Returns a split in which every user is asked at one time, and all items of the following horizon are targets.
 *
 * The targets of a cut are the distinct items with an event in `[cut, cut + horizonMs)`, for users who
 * have at least one event before the cut and one target. Training ends at the validation cut; a model
 * refitted for the test uses {@link endsBefore} with the test cut.
 *
 * @throws {@link RecommenderError} `INVALID_OPTION` if the horizon is not above 0, if the validation
 * targets reach past the test cut, or if a cut leaves nobody to ask; `DATASET_MISMATCH` if the data has
 * no real times.
 */
export function splitByTime(dataset: Dataset, options: SplitByTimeOptions): Split {
  const { testCutMs, horizonMs, validationCutMs = testCutMs - horizonMs } = options
  checkNumber('testCutMs', testCutMs, -Infinity)
  checkNumber('horizonMs', horizonMs, 1)
  checkNumber('validationCutMs', validationCutMs, -Infinity, testCutMs - horizonMs)
  if (dataset.timeKind !== 'timestamp') {
    throw new RecommenderError(
      'DATASET_MISMATCH',
      'Expected a data set with real times to split by time, got one that knows only the order of events; use `splitLeaveOneOut`.',
    )
  }
  return {
    trainEnds: endsBefore(dataset.sequences, validationCutMs),
    validation: checkedCasesAt(dataset.sequences, 'validationCutMs', {
      cutMs: validationCutMs,
      horizonMs,
    }),
    test: checkedCasesAt(dataset.sequences, 'testCutMs', { cutMs: testCutMs, horizonMs }),
  }
}

/**
 * Returns where each user's events before a time end: shape `[numUsers]`, absolute event positions (exclusive).
 */
export function endsBefore(sequences: Sequences, cutMs: number): Int32Array {
  const { offsets, timestampMs } = sequences
  const ends = new Int32Array(sequences.numUsers)
  for (let u = 0; u < ends.length; u++) {
    let low = offsets[u] as number
    let high = offsets[u + 1] as number
    while (low < high) {
      const middle = (low + high) >> 1
      if ((timestampMs[middle] as number) < cutMs) low = middle + 1
      else high = middle
    }
    ends[u] = low
  }
  return ends
}

/**
 * Returns one question a user who has an event before the cut and one in the horizon after it; perhaps none.
 *
 * @param cutMs - Milliseconds since 1970-01-01 UTC; targets lie in `[cutMs, cutMs + horizonMs)`.
 */
export function casesAt(sequences: Sequences, cutMs: number, horizonMs: number): RankingCase[] {
  const starts = endsBefore(sequences, cutMs)
  const ends = endsBefore(sequences, cutMs + horizonMs)
  const cases: RankingCase[] = []
  for (let u = 0; u < sequences.numUsers; u++) {
    const historyEnd = starts[u] as number
    const end = ends[u] as number
    if (historyEnd === sequences.offsets[u] || end === historyEnd) continue
    const targets = Int32Array.from(new Set(sequences.itemRows.subarray(historyEnd, end)))
    cases.push({ userRow: u, historyEnd, asOfMs: cutMs, targets })
  }
  return cases
}

function checkedCasesAt(
  sequences: Sequences,
  option: string,
  { cutMs, horizonMs }: { readonly cutMs: number; readonly horizonMs: number },
): RankingCase[] {
  const cases = casesAt(sequences, cutMs, horizonMs)
  if (cases.length > 0) return cases
  const { firstMs, lastMs } = timeRange(sequences)
  throw new RecommenderError(
    'INVALID_OPTION',
    `Expected \`${option}\` to have users with events before it and within the horizon after it, got ${describe(cutMs)}; events lie between ${describe(firstMs)} and ${describe(lastMs)}.`,
  )
}

function timeRange({ timestampMs }: Sequences): { firstMs: number; lastMs: number } {
  let firstMs = Infinity
  let lastMs = -Infinity
  for (const timeMs of timestampMs) {
    if (timeMs < firstMs) firstMs = timeMs
    if (timeMs > lastMs) lastMs = timeMs
  }
  return { firstMs, lastMs }
}

function describe(timeMs: number): string {
  return Math.abs(timeMs) <= 8.64e15 ? new Date(timeMs).toISOString() : 'no time'
}
