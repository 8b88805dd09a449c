/** One question of an evaluation: this history, these targets. */
export interface RankingCase {
  readonly userRow: number
  /** Absolute event position where the history ends (exclusive). */
  readonly historyEnd: number
  /** The time of the question. */
  readonly asOfMs: number
  /** Distinct item rows that count as right, at least one. */
  readonly targets: Int32Array
}

/** Which events are trained on, and the questions asked of the model. */
export interface Split {
  /** Shape `[numUsers]`: absolute event position where each user's training part ends (exclusive). */
  readonly trainEnds: Int32Array
  readonly validation: readonly RankingCase[]
  readonly test: readonly RankingCase[]
}
