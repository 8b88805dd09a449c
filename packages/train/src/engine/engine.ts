import type { TimedSequences } from '@perennial/core'
import type { ModelState, Weights } from '../fit/model-state.ts'
import type { LoadedRows, RowState, RowTrainer, RowWeights } from './row-trainer.ts'

/** Sequences without padding: sequence `b` is the range `offsets[b] .. offsets[b + 1] - 1` of `tokens`. */
export interface PackedSequences extends TimedSequences {
  /** Rows of the item vectors that come with the batch, oldest event first; shape `[T]`. */
  readonly tokens: Int32Array
}

/** Who shares a list of negatives: all questions of the batch, those of a sequence, or nobody. */
export const NEGATIVE_SHARES = ['batch', 'sequence', 'token'] as const

/** Items that targets compete with, when that is not every item. */
export interface Negatives {
  /** `softmax`: one choice out of target and negatives; `binary`: a yes or no for each of them. */
  readonly loss: 'softmax' | 'binary'
  /** For `binary`: the power that the target's probability is raised to; 1 is plain binary cross-entropy. */
  readonly beta: number
  readonly sharedBy: (typeof NEGATIVE_SHARES)[number]
  /** Negatives a list, `K`. */
  readonly count: number
  /**
   * Positions among the outputs, list after list: shape `[K]`, `[B, K]` or `[Q, K]` by `sharedBy`. One that equals a
   * question's target is left out for that question.
   */
  readonly items: Int32Array
  /** Added to their logits (logQ correction); same shape. */
  readonly bias: Float32Array
}

/** What is added to logits before anything is learned, as by how popular an item was when a question was asked. */
export interface PriorLogits {
  /** One row of all outputs a time: shape `[P, numOutputs]`. */
  readonly values: Float32Array
  /** The row of each question: shape `[Q]`. */
  readonly rows: Int32Array
}

/**
 * One training step's data. Items are positions among the item vectors that come with it: tokens among all of them,
 * targets and negatives among the outputs, which begin at `firstOutput`.
 */
export interface TrainingBatch extends PackedSequences {
  /** Tokens that are asked a question, ascending; one may be asked more than once. Shape `[Q]`. */
  readonly questions: Int32Array
  /** The right answer to each question; shape `[Q]`. */
  readonly targets: Int32Array
  /** Position of the first item vector that can be an answer; 0 where one table serves as input and output. */
  readonly firstOutput: number
  /** `null`: each target competes with every output in one softmax. */
  readonly negatives: Negatives | null
  /** `null`: nothing is added. */
  readonly prior: PriorLogits | null
  /** Fixes the dropout of this step. */
  readonly dropoutSeed: number
}

/** A batch with the item rows that its positions stand for. */
export interface PreparedBatch {
  /** Distinct item rows the step uses, ascending; shape `[U]`. */
  readonly itemRows: Int32Array
  readonly batch: TrainingBatch
}

/** The loss of one batch and its gradients. */
export interface GradientResult {
  /** Mean over questions, in nats. */
  readonly loss: number
  /** By parameter name, in the order and shape of the parameters. */
  readonly gradients: ReadonlyMap<string, Float32Array>
  /** Of the rows of the item table that the batch uses: shape `[U, D]`. */
  readonly itemGradients: Float32Array
}

/** Options of {@link Trainer.step}. */
export interface StepOptions {
  readonly learningRate: number
  /** 1-based count of steps, for the bias corrections. */
  readonly step: number
}

/**
 * A training run on an engine, which works on the `ModelState` it was created from: the item table and its moments
 * are updated in place, the network's weights where the engine keeps them, until {@link Trainer.read}.
 */
export interface Trainer {
  /** Takes one step of Adam and returns the loss before it. Calls must not overlap. */
  step(prepared: PreparedBatch, options: StepOptions): Promise<number>
  /** Returns loss and gradients of one batch and changes nothing. */
  computeGradients(prepared: PreparedBatch): Promise<GradientResult>
  /** Brings the weights and moments of the state up to date. */
  read(): Promise<void>
  dispose(): void
}

/** What scoring needs. */
export interface LoadedWeights extends Weights {
  /** Shape `[numItems + 1, dim]`. @defaultValue the item table */
  readonly outputTable?: Float32Array | undefined
}

/** A trained network held ready for scoring. Calls must not overlap. */
export interface LoadedModel {
  /** Returns query vectors: shape `[B, D]`. */
  encode(sequences: PackedSequences): Promise<Float32Array>
  /** Returns the scores of every row of the output table, until the next call: shape `[B, numItems + 1]`. */
  score(sequences: PackedSequences): Promise<Float32Array>
  dispose(): void
}

/** Runs one network: trains it and scores with it. State comes in and goes out as typed arrays by name. */
export interface Engine {
  /** Names the engine in logs, reports and checkpoints. */
  readonly name: string
  /** Takes over `state`; see {@link Trainer}. */
  createTrainer(state: ModelState): Promise<Trainer>
  /** Takes over `state`; see {@link RowTrainer}. */
  createRowTrainer(state: RowState): Promise<RowTrainer>
  /** Loads a network of rows for scoring. */
  loadRows(weights: RowWeights): Promise<LoadedRows>
  /**
   * Loads weights for scoring; the `tokens` it is asked about are rows of the item table, what it scores are those of
   * the output table.
   *
   * Item vectors are taken as they are: of length 1 where the score is a cosine.
   */
  load(weights: LoadedWeights): Promise<LoadedModel>
  /** Ends threads and what they hold; trainers and models are disposed by whoever created them. None can be used afterwards. */
  close(): Promise<void>
}
