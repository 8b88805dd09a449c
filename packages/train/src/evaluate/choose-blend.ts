import {
  type BlendConfig,
  checkNumber,
  type Dataset,
  historyOf,
  ndcgAtK,
  type RankingCase,
  RecommenderError,
  repeatScores,
  type Scorer,
  selectTopK,
} from '@perennial/core'

/** Options of {@link chooseBlend}. */
export interface ChooseBlendOptions {
  readonly dataset: Dataset
  /** Values tried for the weight of the repeat part, each 0 or more. @defaultValue 0 and the powers of two from 0.5 to 64 */
  readonly repeatWeights?: readonly number[] | undefined
  /** Values tried for the half-life, in days, each above 0. @defaultValue 15, 30, 60, 120, 240, 480 */
  readonly halfLives?: readonly number[] | undefined
  readonly signal?: AbortSignal | undefined
}

/** The chosen blend and what it is worth. */
export interface ChosenBlend extends BlendConfig {
  /** Mean NDCG@10 over the validation cases. */
  readonly ndcg: number
}

/** Candidates kept beside the own history; well above the 10 that count. */
const NUM_CANDIDATES = 100
/** Bounds the scores held at one time to 256 MB. */
const MAX_SCORES = (256 << 20) / 4

/**
 * Returns the weight and half-life of the repeat part with the best NDCG@10 on validation cases.
 *
 * Each history is scored by the network once; the grid is tried on the same candidates that serving
 * uses, the network's best items and the own history. Of equal blends the one with less weight is taken.
 *
 * @param scorer - The network alone.
 * @throws {@link RecommenderError} `INVALID_OPTION` naming the option; `INVALID_INPUT` if there is no case or
 * no blend to choose from. Rejects with the reason of `signal` when that is aborted.
 */
export async function chooseBlend(
  scorer: Scorer,
  cases: readonly RankingCase[],
  {
    dataset,
    repeatWeights = [0, 0.5, 1, 2, 4, 8, 16, 32, 64],
    halfLives = [15, 30, 60, 120, 240, 480],
    signal,
  }: ChooseBlendOptions,
): Promise<ChosenBlend> {
  for (const repeatWeight of repeatWeights) checkNumber('repeatWeights', repeatWeight, 0)
  for (const halfLife of halfLives) checkNumber('halfLives', halfLife, Number.MIN_VALUE)
  const ascending = [...repeatWeights].sort((a, b) => a - b)
  const grid = ascending.flatMap((repeatWeight) =>
    (repeatWeight === 0 ? halfLives.slice(0, 1) : halfLives).map((halfLifeDays) => ({
      repeatWeight,
      halfLifeDays,
    })),
  )
  if (grid.length === 0 || cases.length === 0) {
    throw new RecommenderError(
      'INVALID_INPUT',
      `Expected at least one case and one blend, got ${cases.length} cases, ${repeatWeights.length} \`repeatWeights\` and ${halfLives.length} \`halfLives\`.`,
    )
  }
  const sums = new Float64Array(grid.length)
  const width = dataset.catalog.numItems + 1
  const batchSize = Math.max(1, Math.min(128, Math.floor(MAX_SCORES / width)))
  const buffer = new Float32Array(Math.min(batchSize, cases.length) * width)
  for (let start = 0; start < cases.length; start += batchSize) {
    // The event loop must turn for the signal to be seen.
    await new Promise(setImmediate)
    signal?.throwIfAborted()
    const batch = cases.slice(start, start + batchSize)
    const histories = batch.map((c) =>
      historyOf(dataset.sequences, c.userRow, c.historyEnd, c.asOfMs),
    )
    const scores = buffer.subarray(0, batch.length * width)
    await scorer.scoreBatch(histories, scores)
    histories.forEach((history, b) => {
      const row = scores.subarray(b * width, (b + 1) * width)
      row[0] = -Infinity
      const candidates = Int32Array.from(
        new Set([...selectTopK(row, NUM_CANDIDATES), ...history.itemRows]),
      ).sort()
      const base = Float32Array.from(candidates, (itemRow) => row[itemRow] as number)
      grid.forEach((blend, g) => {
        const repeats = repeatScores(history, blend)
        const blended = base.map((score, i) => score + (repeats.get(candidates[i] as number) ?? 0))
        const ranked = selectTopK(blended, 10).map((i) => candidates[i] as number)
        sums[g] =
          (sums[g] as number) + ndcgAtK(ranked, (batch[b] as RankingCase).targets, { k: 10 })
      })
    })
  }
  const best = sums.reduce((top, sum, g) => (sum > (sums[top] as number) ? g : top), 0)
  return { ...(grid[best] as BlendConfig), ndcg: (sums[best] as number) / cases.length }
}
