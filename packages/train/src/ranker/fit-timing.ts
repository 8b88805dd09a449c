import {
  NUM_TIME_BINS,
  type Parameters,
  possibleTimeBins,
  type RowNetworkConfig,
  TIME_EDGES,
  timeBinOf,
} from '@perennial/core'
import type { Engine } from '../engine/engine.ts'
import type { RankingLists } from './ranking-lists.ts'
import type { ScaledLists } from './scaled-lists.ts'
import { type RowTrainingOptions, trainRows } from './train-rows.ts'

/** How the time of the next purchase is learned. */
export interface TimingOptions {
  /** Widths of the hidden layers. @defaultValue `[64, 32]` */
  readonly hidden?: readonly number[] | undefined
  /** @defaultValue 0.1 */
  readonly dropout?: number | undefined
  /** @defaultValue 8 */
  readonly epochs?: number | undefined
  /** @defaultValue 0.002 */
  readonly learningRate?: number | undefined
  /** Lists a step. @defaultValue 32 */
  readonly batchLists?: number | undefined
  /** @defaultValue 1 */
  readonly seed?: number | undefined
}

/** A trained network for the time of the next purchase: one output a bin of `TIME_EDGES`. */
export interface Timing {
  readonly config: RowNetworkConfig
  readonly parameters: Parameters
}

/**
 * Trains the probability of each time bin, for all candidates of all customers, buyers or not.
 *
 * A pair bought again teaches its bin; one not bought again until observation ended teaches that the bin is one of those
 * still possible (right censoring), so cuts close to the end are of use. Rows count for as many as they stand for.
 *
 * @param lists - Built with `withoutTargets` and `outcomeDays` of 180, on the scale of the ranker.
 * @param options - `knownUntilDay`: first day of which no purchase was known when `lists` were built.
 */
export async function fitTiming(
  engine: Engine,
  lists: ScaledLists,
  {
    knownUntilDay,
    hidden = [64, 32],
    dropout = 0.1,
    epochs = 8,
    learningRate = 0.002,
    batchLists = 32,
    seed = 1,
    signal,
    onStep,
  }: TimingOptions &
    Pick<RowTrainingOptions, 'signal' | 'onStep'> & { readonly knownUntilDay: number },
): Promise<Timing> {
  const { featureNames, features, offsets } = lists
  const numFeatures = featureNames.length
  const config = { numFeatures, hidden, dropout, numOutputs: NUM_TIME_BINS }
  const total = lists.weights.reduce((sum, weight) => sum + weight, 0)
  const share = (offsets.length - 1) / total
  const parameters = await trainRows(engine, config, {
    lists: {
      rows: features,
      offsets,
      loss: {
        type: 'range',
        ...timeLabels(lists, knownUntilDay),
        weights: lists.weights.map((weight) => weight * share),
      },
    },
    outputBias: knowableBins(lists.cutDays, knownUntilDay).map((isKnowable) =>
      isKnowable ? 0 : NEVER_LOGIT,
    ),
    epochs,
    learningRate,
    batchLists,
    seed,
    signal,
    onStep,
  })
  return { config, parameters }
}

/** So low that a bin gets no probability, and no gradient that could raise it. */
const NEVER_LOGIT = -30

/**
 * Returns for each bin whether a purchase in it can have been seen: those that begin after the longest observation
 * cannot, and what the data says nothing of is counted as never.
 */
function knowableBins(cutDays: Int32Array, knownUntilDay: number): boolean[] {
  const longest = knownUntilDay - cutDays.reduce((min, day) => Math.min(min, day), Infinity)
  return TIME_EDGES.map((edge, bin) => bin === NUM_TIME_BINS - 1 || edge < longest)
}

/** Returns the first and last bin that each row's next purchase may lie in. */
export function timeLabels(
  { offsets, cutDays, daysUntil }: Pick<RankingLists, 'offsets' | 'cutDays' | 'daysUntil'>,
  knownUntilDay: number,
): { readonly low: Uint8Array; readonly high: Uint8Array } {
  const low = new Uint8Array(daysUntil.length)
  const high = new Uint8Array(daysUntil.length)
  cutDays.forEach((cutDay, n) => {
    const censored = possibleTimeBins(Math.max(0, knownUntilDay - cutDay))
    for (let i = offsets[n] as number; i < (offsets[n + 1] as number); i++) {
      const days = daysUntil[i] as number
      low[i] = days < 0 ? censored.first : timeBinOf(days)
      high[i] = days < 0 ? censored.last : timeBinOf(days)
    }
  })
  return { low, high }
}

/** Turns the network's outputs into probabilities in place, row by row (softmax). */
export function toTimeProbabilities(outputs: Float32Array): Float32Array {
  for (let at = 0; at < outputs.length; at += NUM_TIME_BINS) {
    const row = outputs.subarray(at, at + NUM_TIME_BINS)
    const largest = row.reduce((max, value) => Math.max(max, value), -Infinity)
    let sum = 0
    for (let k = 0; k < row.length; k++) {
      row[k] = Math.exp((row[k] as number) - largest)
      sum += row[k] as number
    }
    for (let k = 0; k < row.length; k++) row[k] = (row[k] as number) / sum
  }
  return outputs
}
