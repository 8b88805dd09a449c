import { createRng, type Dataset, type Rng } from '@perennial/core'
import type { Negatives } from '../engine/engine.ts'
import type { FitConfig } from './options.ts'

/** What negatives are drawn from; its size is that of the catalogue, whatever the number of events. */
export interface NegativePool {
  readonly numItems: number
  /** Training events. */
  readonly numEvents: number
  /** Training events of each item row: shape `[numItems + 1]`. */
  readonly counts: Float64Array
  /** Running sum over item rows of `counts ^ popularityExponent`, 0 for an item without events: shape `[numItems + 1]`. */
  readonly cumulativeWeights: Float64Array
}

/**
 * Returns the pool of items with the given numbers of training events.
 *
 * @param counts - Shape `[numItems + 1]`; kept, not copied. Row 0 (padding) counts nothing.
 */
export function createPoolOfCounts(
  counts: Float64Array,
  { popularityExponent }: Pick<FitConfig, 'popularityExponent'>,
): NegativePool {
  const cumulativeWeights = new Float64Array(counts.length)
  let numEvents = 0
  let weightSum = 0
  for (let row = 1; row < counts.length; row++) {
    const count = counts[row] as number
    numEvents += count
    if (count > 0) weightSum += count ** popularityExponent
    cumulativeWeights[row] = weightSum
  }
  return { numItems: counts.length - 1, numEvents, counts, cumulativeWeights }
}

/** Returns the pool of the events that training may see. */
export function createNegativePool(
  dataset: Pick<Dataset, 'sequences' | 'catalog'>,
  trainEnds: Int32Array,
  options: Pick<FitConfig, 'popularityExponent'>,
): NegativePool {
  return createPoolOfCounts(countTrainingEvents(dataset, trainEnds), options)
}

/** Returns the training events of each item row: shape `[numItems + 1]`. */
export function countTrainingEvents(
  { sequences, catalog }: Pick<Dataset, 'sequences' | 'catalog'>,
  trainEnds: Int32Array,
): Float64Array {
  const counts = new Float64Array(catalog.numItems + 1)
  trainEnds.forEach((end, u) => {
    for (const row of sequences.itemRows.subarray(sequences.offsets[u], end)) {
      counts[row] = (counts[row] as number) + 1
    }
  })
  return counts
}

/** Options of {@link drawNegatives}. */
export interface DrawOptions {
  readonly config: FitConfig
  /** Item rows of the batch's targets. */
  readonly targets: Int32Array
  readonly numSequences: number
  readonly stream: readonly number[]
}

/**
 * Draws the negatives of one step, as item rows.
 *
 * With logQ correction the bias of item `i` is `-log(expected count of i among the K draws)`, which makes the
 * sampled sum an unbiased estimate of the full one (Bengio and Senecal 2008). A list that the batch shares is drawn
 * without replacement when it is uniform, so none of it is wasted; all others with replacement.
 */
export function drawNegatives(
  pool: NegativePool,
  { config, targets, numSequences, stream }: DrawOptions,
): Negatives {
  const { numNegatives: count, negativesSharedBy: sharedBy, negativeSampling, seed } = config
  const numLists = { batch: 1, sequence: numSequences, token: targets.length }[sharedBy]
  const rng = createRng(seed, ...stream)
  const items =
    sharedBy === 'batch' && negativeSampling === 'uniform'
      ? drawDistinct(pool.numItems, count, rng)
      : Int32Array.from({ length: numLists * count }, drawOne(pool, targets, { config, rng }))
  const softmax = config.loss === 'sampled-softmax'
  const corrected = softmax && config.logQ
  return {
    loss: softmax ? 'softmax' : 'binary',
    beta:
      config.loss === 'gbce' ? gbceBeta(count / (pool.numItems - 1), config.gbceCalibration) : 1,
    sharedBy,
    count,
    items,
    bias: Float32Array.from(items, (row) =>
      corrected ? -Math.log(expectedCount(row, pool, config)) : 0,
    ),
  }
}

/**
 * Returns the power of gBCE: `alpha (t (1 - 1/alpha) + 1/alpha)`, for a share `alpha` of items drawn as negatives.
 *
 * @see Petrov and Macdonald 2023, {@link https://arxiv.org/abs/2308.07192 | arXiv:2308.07192}, eq. 12.
 */
export function gbceBeta(alpha: number, calibration: number): number {
  const share = Math.min(1, alpha)
  return share * (calibration * (1 - 1 / share) + 1 / share)
}

function drawOne(
  { numItems, cumulativeWeights }: NegativePool,
  targets: Int32Array,
  { config, rng }: { config: FitConfig; rng: Rng },
): () => number {
  const uniform = (): number => 1 + rng.nextInt(numItems)
  const popular = (): number => {
    const point = rng.next() * (cumulativeWeights[numItems] as number)
    let low = 1
    let high = numItems
    while (low < high) {
      const middle = (low + high) >> 1
      if ((cumulativeWeights[middle] as number) > point) high = middle
      else low = middle + 1
    }
    return low
  }
  const inBatch = (): number => targets[rng.nextInt(targets.length)] as number
  switch (config.negativeSampling) {
    case 'uniform':
      return uniform
    case 'popularity':
      return popular
    case 'in-batch':
      return inBatch
    case 'mixed':
      return () => (rng.next() < config.uniformShare ? uniform() : inBatch())
  }
}

/** In-batch draws follow the items' share of training events. */
function expectedCount(
  row: number,
  { numItems, numEvents, counts, cumulativeWeights }: NegativePool,
  { numNegatives, negativeSampling, uniformShare, popularityExponent }: FitConfig,
): number {
  const count = counts[row] as number
  const popular =
    negativeSampling === 'popularity'
      ? count ** popularityExponent / (cumulativeWeights[numItems] as number)
      : count / numEvents
  const share = { uniform: 1, popularity: 0, 'in-batch': 0, mixed: uniformShare }[negativeSampling]
  return numNegatives * (share / numItems + (1 - share) * popular)
}

/** Draws distinct item rows, uniform over `1..numItems` (Floyd's algorithm). */
function drawDistinct(numItems: number, count: number, rng: Rng): Int32Array {
  const drawn = new Set<number>()
  for (let top = numItems - count + 1; top <= numItems; top++) {
    const row = 1 + rng.nextInt(top)
    drawn.add(drawn.has(row) ? top : row)
  }
  return Int32Array.from(drawn)
}
