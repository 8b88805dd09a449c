import type { Dataset, Denominator, RankingCase, Scorer } from '@perennial/core'

/** One day on which every customer is asked about, and what may be learned from before. */
export interface Question {
  /** What tells it from the others, for example `2011-08-01`. */
  readonly label: string
  /** Questions of one group are pooled. */
  readonly group: string
  readonly dataset: Dataset
  /** Days since 1970-01-01 UTC. */
  readonly cutDay: number
  readonly horizonDays: number
  readonly cases: readonly RankingCase[]
  /** Shape `[numUsers]`: absolute event position where what is known of each user ends. */
  readonly ends: Int32Array
  /** Days of the training lists, the newest first; their horizons are over at `cutDay`. */
  readonly trainingCutDays: readonly number[]
  /** Whose lists are trained on. @defaultValue everybody's */
  readonly includes?: ((userRow: number) => boolean) | undefined
  /** What recall and NDCG are divided by. */
  readonly denominator: Denominator
  /** Makes the methods that need no training, one after the other. */
  readonly baselines: readonly (() => Scorer)[]
  /** Whether old states are measured too. */
  readonly staleness: boolean
}
