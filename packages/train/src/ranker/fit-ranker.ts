import {
  checkInteger,
  type FeatureScale,
  type Parameters,
  RecommenderError,
  type RowNetworkConfig,
} from '@perennial/core'
import type { Engine } from '../engine/engine.ts'
import type { ScaledLists } from './scaled-lists.ts'
import { type RowTrainingOptions, trainRows } from './train-rows.ts'

/** How a ranker is trained; the defaults did best on validation cuts of Online Retail II. */
export interface RankerOptions {
  /** Widths of the hidden layers; none makes it linear. @defaultValue `[128, 64]` */
  readonly hidden?: readonly number[] | undefined
  /** @defaultValue 0.2 */
  readonly dropout?: number | undefined
  /** @defaultValue 12 */
  readonly epochs?: number | undefined
  /** @defaultValue 0.002 */
  readonly learningRate?: number | undefined
  /** Lists a step. @defaultValue 32 */
  readonly batchLists?: number | undefined
  /** Networks that differ by their seed and whose scores are averaged. @defaultValue 2 */
  readonly members?: number | undefined
  /** @defaultValue 1 */
  readonly seed?: number | undefined
}

/** What {@link fitRanker} takes beside its settings. */
export interface RankerTrainingOptions
  extends RankerOptions,
    Pick<RowTrainingOptions, 'signal' | 'onStep'> {
  /** Features whose name begins with one of these are 0 for every item, to learn what they are worth. @defaultValue none */
  readonly excludeFeatures?: readonly string[] | undefined
}

/** A trained ranker. */
export interface Ranker {
  readonly featureNames: readonly string[]
  readonly scale: FeatureScale
  readonly config: RowNetworkConfig
  /** Weights of each member; the score is the mean of theirs. */
  readonly members: readonly Parameters[]
}

/**
 * Trains a ranker: one softmax over each list, every target of the horizon weighing the same and every list too.
 *
 * `loss = -1/|targets| sum over targets of log softmax(score + log(rows that the row stands for))`.
 *
 * @throws {@link RecommenderError} `INVALID_OPTION` if an entry of `excludeFeatures` begins no feature's name.
 */
export async function fitRanker(
  engine: Engine,
  lists: ScaledLists,
  {
    hidden = [128, 64],
    dropout = 0.2,
    epochs = 12,
    learningRate = 0.002,
    batchLists = 32,
    members = 2,
    excludeFeatures = [],
    seed = 1,
    signal,
    onStep,
  }: RankerTrainingOptions = {},
): Promise<Ranker> {
  checkInteger('members', members, 1)
  const { featureNames, offsets, isTarget, weights } = lists
  const { features: rows, scale } =
    excludeFeatures.length === 0 ? lists : withoutFeatures(lists, excludeFeatures)
  const numFeatures = featureNames.length
  const config = { numFeatures, hidden, dropout, numOutputs: 1 }
  const loss = {
    type: 'list' as const,
    weights: targetWeights(offsets, isTarget),
    bias: weights.map((weight) => Math.log(weight)),
  }
  const trained: Parameters[] = []
  for (let member = 0; member < members; member++) {
    const parameters = await trainRows(engine, config, {
      lists: { rows, offsets, loss },
      epochs,
      learningRate,
      batchLists,
      seed: seed + 1000 * member,
      signal,
      onStep,
    })
    trained.push(parameters)
  }
  return { featureNames, scale, config, members: trained }
}

/** A feature divided by this is 0, and unlike infinity it is a number in JSON too. */
const NO_SCALE = Number.MAX_VALUE

/** Returns a copy of the features with columns of 0, and the scale that makes them so wherever it is used later. */
function withoutFeatures(
  { featureNames, features, scale }: ScaledLists,
  beginnings: readonly string[],
): Pick<ScaledLists, 'features' | 'scale'> {
  const unknown = beginnings.find((start) => !featureNames.some((name) => name.startsWith(start)))
  if (unknown !== undefined) {
    throw new RecommenderError(
      'INVALID_OPTION',
      `Expected \`excludeFeatures\` to begin names of features (${featureNames.join(', ')}), got '${unknown}'.`,
    )
  }
  const isOut = featureNames.map((name) => beginnings.some((start) => name.startsWith(start)))
  const rows = new Float32Array(new SharedArrayBuffer(features.byteLength))
  const width = featureNames.length
  for (let i = 0; i < rows.length; i++) rows[i] = isOut[i % width] ? 0 : (features[i] as number)
  return {
    features: rows,
    scale: {
      means: scale.means.map((mean, f) => (isOut[f] ? 0 : mean)),
      deviations: scale.deviations.map((deviation, f) => (isOut[f] ? NO_SCALE : deviation)),
    },
  }
}

/** Returns 1 / targets of the list for each target among its rows, else 0. */
function targetWeights(offsets: Int32Array, isTarget: Uint8Array): Float32Array {
  const weights = new Float32Array(isTarget.length)
  for (let n = 0; n + 1 < offsets.length; n++) {
    const [start, end] = [offsets[n] as number, offsets[n + 1] as number]
    const count = isTarget.subarray(start, end).reduce((sum, hit) => sum + hit, 0)
    for (let i = start; i < end; i++) if (isTarget[i] === 1) weights[i] = 1 / count
  }
  return weights
}
