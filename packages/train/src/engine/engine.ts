import type { TimedSequences } from '@perennial/core'
import type { ModelState, Weights } from '../fit/model-state.ts'
import type { LoadedRows, RowState, RowTrainer, RowWeights } from './row-trainer.ts'

/** Sequences without padding: sequence `b` is the range `offsets[b] .. offsets[b + 1] - 1` of `tokens`. */
export interface PackedSequences extends TimedSequences {
  /** Rows of the item vectors that come with the batch, oldest event first; shape `[T]`. */
  readonly tokens: Int32Array
}

/** Who shares a list of negatives: all tokens of the batch, those of a sequence, or nobody. */
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
   * Positions of items, list after list: shape `[K]`, `[B, K]` or `[T, K]` by `sharedBy`. One that equals a token's
   * target is left out for that token.
   */
  readonly items: Int32Array
  /** Added to their logits (logQ correction); same shape. */
  readonly bias: Float32Array
}

/** One training step's data. All item positions are rows of the item vectors that come with it. */
export interface TrainingBatch extends PackedSequences {
  /** The event after each token; shape `[T]`. */
  readonly targets: Int32Array
  /** `null`: each target competes with every given item in one softmax. */
  readonly negatives: Negatives | null
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
  /** Mean over tokens, in nats. */
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

/** A trained network held ready for scoring. Calls must not overlap. */
export interface LoadedModel {
  /** Returns query vectors: shape `[B, D]`. */
  encode(sequences: PackedSequences): Promise<Float32Array>
  /** Returns the scores of every row of the item table, until the next call: shape `[B, numItems + 1]`. */
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
   * Loads weights for scoring; the `tokens` it is asked about are rows of the item table.
   *
   * Item vectors are taken as they are: of length 1 where the score is a cosine.
   */
  load(weights: Weights): Promise<LoadedModel>
  /** Ends threads and what they hold; trainers and models are disposed by whoever created them. None can be used afterwards. */
  close(): Promise<void>
}
