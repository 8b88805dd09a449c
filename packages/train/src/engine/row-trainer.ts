import type { Parameters, RowNetworkConfig } from '@perennial/core'
import type { Moments } from '../fit/adam.ts'
import type { StepOptions } from './engine.ts'

/** What rows are right about; arrays have one entry a row. */
export type RowLoss =
  /**
   * One softmax over the rows of a list: `-sum over rows of weight log softmax(score + bias)`. Weights of a list sum to 1,
   * or are all 0: then the list teaches nothing. Networks have one output.
   */
  | { readonly type: 'list'; readonly weights: Float32Array; readonly bias: Float32Array }
  /**
   * One softmax over the outputs of a row: `-sum over rows of weight log(sum of p over outputs low..high)`. A range of one
   * output is plain cross-entropy; a wider one says that no more is known.
   */
  | {
      readonly type: 'range'
      readonly low: Uint8Array
      readonly high: Uint8Array
      readonly weights: Float32Array
    }

/** A network of rows. */
export interface RowWeights {
  readonly config: RowNetworkConfig
  readonly parameters: Parameters
}

/** A trained network of rows held ready. Calls must not overlap. */
export interface LoadedRows {
  /** Returns the outputs of standardised rows `[N, numFeatures]`: shape `[N, numOutputs]`. */
  score(rows: Float32Array): Promise<Float32Array>
  dispose(): void
}

/** A network of rows in training. */
export interface RowState extends RowWeights {
  readonly moments: ReadonlyMap<string, Moments>
  /** Standardised features: shape `[N, numFeatures]`. */
  readonly rows: Float32Array
  readonly loss: RowLoss
  /** Rows of the longest list that will come. */
  readonly maxListLength: number
}

/** Lists of rows for one step. */
export interface RowBatch {
  /** List `b` is the range `offsets[b] .. offsets[b + 1] - 1` of `places`. */
  readonly offsets: Int32Array
  /** Rows of the state's table. */
  readonly places: Int32Array
  /** Fixes the dropout of this step. */
  readonly dropoutSeed: number
}

/** A training run of a network of rows; as `Trainer`, without an item table. */
export interface RowTrainer {
  /** Takes one step of Adam and returns the loss before it: the mean over lists. Calls must not overlap. */
  step(batch: RowBatch, options: StepOptions): Promise<number>
  /** Returns loss and gradients by parameter and changes nothing. */
  computeGradients(
    batch: RowBatch,
  ): Promise<{ readonly loss: number; readonly gradients: ReadonlyMap<string, Float32Array> }>
  /** Brings the weights and moments of the state up to date. */
  read(): Promise<void>
  dispose(): void
}
