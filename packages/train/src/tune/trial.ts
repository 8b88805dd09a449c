import type { FitOptions } from '../fit/options.ts'

/** What one trial came to at the end of a rung. */
export interface TrialRung {
  /** Epochs of training so far. */
  readonly epochs: number
  /** Best NDCG@10 on validation so far. */
  readonly ndcg: number
  /** Seconds of training and validation so far. */
  readonly seconds: number
}

/** `open`: may still go on; `stopped`: others of its rung went on; `diverged`: training broke off; `best`: the answer. */
export type TrialStatus = 'open' | 'stopped' | 'diverged' | 'best'

/** One set of options and how far it came. */
export interface Trial {
  readonly id: number
  /** Of its training; all trials of a search have the search's. */
  readonly seed: number
  readonly options: FitOptions
  /** One a rung that it came through. */
  readonly rungs: readonly TrialRung[]
  readonly status: TrialStatus
  /** Why training broke off, in the rung after the last of `rungs`; absent where it did not. */
  readonly failure?: string
}
