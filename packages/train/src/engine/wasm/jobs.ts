import type { TokenKey } from '@perennial/core'
import type { NEGATIVE_SHARES } from '../engine.ts'
import type { RowLoss } from '../row-trainer.ts'
import type { Plan } from './plan.ts'

// What the engine tells its threads. Addresses are bytes in the shared memory.

/** Where a weight lies: `matrix [rows, columns]` or one row; transposed copies are made at the start of a step. */
export interface PlacedWeight {
  readonly address: number
  /** Gradient of thread 0; that of thread `w` lies `w * gradientStride` further. */
  readonly gradient: number
  /** The transpose, for weights of products in training; else 0. */
  readonly transposed: number
  readonly rows: number
  readonly columns: number
}

/** A network placed in memory, for training or for scoring. */
export interface Placement {
  readonly plan: Plan
  readonly weights: ReadonlyMap<string, PlacedWeight>
  readonly gradientStride: number
  readonly maxTokens: number
  readonly maxLength: number
  /** Least seconds of each time bucket, where the network looks at times between events; else `null`. */
  readonly bucketStarts: Float64Array | null
}

/** Room for each thread: that of thread `w` is `address + w * bytes`, whose first `plan.bytes` the plan has given away. */
export interface Arena {
  readonly address: number
  readonly bytes: number
}

/** The flat arrays that Adam goes over. */
export interface FlatWeights {
  readonly length: number
  readonly weights: number
  readonly gradients: number
  readonly mean: number
  readonly square: number
}

/** Sent once a trainer. The item arrays are shared memory of their own, so a table may pass 4 GiB. */
export interface TrainerSetup {
  readonly type: 'trainer'
  readonly placement: Placement
  readonly flat: FlatWeights
  readonly itemTable: Float32Array
  readonly itemMean: Float32Array
  readonly itemSquare: Float32Array
  readonly unitItems: boolean
}

/** Sequences in memory. */
export interface PlacedSequences {
  readonly offsets: number
  readonly tokens: number
  readonly eventSeconds: number
  readonly askedSeconds: number
  readonly keys: Readonly<Partial<Record<TokenKey, number>>>
  /** Sequences of thread `w`: `ranges[w] .. ranges[w + 1] - 1`. */
  readonly ranges: readonly number[]
}

/** One step, or the gradients of one batch. */
export interface StepJob {
  readonly type: 'step' | 'gradients'
  readonly arena: Arena
  readonly sequences: PlacedSequences
  readonly numQuestions: number
  /** Token of each question, ascending, and its answer: int32 `[Q]`. Those of sequence `b` begin at `questionStarts[b]`. */
  readonly questions: number
  readonly targets: number
  readonly questionStarts: number
  readonly dropoutSeed: number
  /** Row of the item table at each position: int32 `[U]`. */
  readonly itemRows: number
  readonly numItems: number
  /** Position of the first item that can be an answer; targets and negatives are counted from there. */
  readonly firstOutput: number
  /** `[U, D]`, their transpose `[D, itemsWide]` for the full softmax, and gradients a thread. */
  readonly items: number
  readonly itemsTransposed: number
  readonly itemsWide: number
  readonly itemInverses: number
  readonly itemGradients: number
  readonly itemGradientStride: number
  readonly negatives: {
    readonly loss: 'softmax' | 'binary'
    readonly beta: number
    readonly sharedBy: (typeof NEGATIVE_SHARES)[number]
    readonly count: number
    readonly items: number
    readonly bias: number
    /** With `sharedBy: 'batch'`: vectors `[K, D]`, transpose `[D, wide]`, gradients a thread. */
    readonly vectors: number
    readonly transposed: number
    readonly wide: number
    readonly gradients: number
    readonly gradientStride: number
  } | null
  /** Added to logits: rows of one float an output, and the row of each question. */
  readonly prior: { readonly values: number; readonly rows: number } | null
  readonly learningRate: number
  readonly step: number
}

/** Sent once a loaded model. */
export interface ModelSetup {
  readonly type: 'model'
  readonly placement: Placement
  readonly itemTable: Float32Array
  readonly outputTable: Float32Array
}

/** Encodes sequences, and scores every item where `scores` is given. */
export interface ScoreJob {
  readonly type: 'score'
  readonly arena: Arena
  readonly sequences: PlacedSequences
  readonly numSequences: number
  /** `[B, D]`. */
  readonly queries: number
  /** Shared memory of shape `[B, numItems + 1]`. */
  readonly scores: Float32Array | null
}

/** Sent once a row trainer. The arrays are shared memory of their own. */
export interface RowTrainerSetup {
  readonly type: 'rowTrainer'
  readonly placement: Placement
  readonly flat: FlatWeights
  readonly rows: Float32Array
  readonly loss: RowLoss
}

/** One step on lists of rows, or the gradients of one batch. */
export interface RowJob {
  readonly type: 'rowStep' | 'rowGradients'
  readonly arena: Arena
  /** Lists as sequences; `tokens` holds the row of each of their rows. */
  readonly sequences: PlacedSequences
  readonly numLists: number
  readonly dropoutSeed: number
  readonly learningRate: number
  readonly step: number
}

/** Sent once a loaded network of rows. */
export interface RowModelSetup {
  readonly type: 'rowModel'
  readonly placement: Placement
}

/** Scores rows, as lists of a micro-batch each. */
export interface RowScoreJob {
  readonly type: 'rowScore'
  readonly arena: Arena
  readonly sequences: PlacedSequences
  /** Shared memory of shape `[N, numFeatures]` and `[N, numOutputs]`. */
  readonly rows: Float32Array
  readonly outputs: Float32Array
}

/** How threads begin. */
export interface ThreadSetup {
  readonly memory: WebAssembly.Memory
  readonly module: WebAssembly.Module
  /** Two int32: threads that have arrived, and how often all have. */
  readonly barrier: number
  readonly thread: number
  readonly numThreads: number
}

/** What threads are told: to hold a trainer or a model by its id, to let it go, or to work with it. */
export interface Message {
  readonly id: number
  readonly job:
    | TrainerSetup
    | ModelSetup
    | RowTrainerSetup
    | RowModelSetup
    | StepJob
    | ScoreJob
    | RowJob
    | RowScoreJob
    | { readonly type: 'drop' }
}

/** A message as it is sent. */
export interface SentMessage extends Message {
  /** Size of the memory when it was sent; a thread learns of growth late unless it asks. */
  readonly memoryBytes: number
}
