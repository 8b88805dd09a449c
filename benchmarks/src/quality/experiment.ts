import type { DatasetName } from '@perennial/datasets'
import type { FitOptions } from '@perennial/train'

/** A quality experiment with the next item as target: the configuration is the experiment. */
export interface Experiment {
  /** Name on the command line and of the result file. */
  readonly name: string
  readonly dataset: DatasetName
  /** What is measured, for readers of the result. */
  readonly protocol: string
  /** Whether items of the history are left out of the ranking. */
  readonly excludeSeen: boolean
  readonly fit: FitOptions
}
