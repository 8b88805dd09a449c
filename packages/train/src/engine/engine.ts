import type { Parameters } from '@perennial/core'

/** Sequences without padding: sequence `b` is the range `offsets[b] .. offsets[b + 1] - 1` of `tokens`. */
export interface PackedSequences {
  /** Shape `[B + 1]`, strictly increasing, first value 0. */
  readonly offsets: Int32Array
  /** Rows of the item vectors that come with the batch, oldest event first; shape `[T]`. */
  readonly tokens: Int32Array
}

/** One training step's data. All item positions are rows of the item vectors that come with it. */
export interface TrainingBatch extends PackedSequences {
  /** The event after each token; shape `[T]`. */
  readonly targets: Int32Array
  /**
   * Items that every token's target competes with: shape `[K]`, distinct. A negative that equals the
   * token's target is left out for that token. `null`: the target competes with every given item.
   */
  readonly negatives: Int32Array | null
  /** Added to the logits of negatives: minus the log of their expected count (logQ correction). */
  readonly negativeBias: number
  /** Fixes the dropout of this step. */
  readonly dropoutSeed: number
}

/** The loss of one batch and its gradients. */
export interface GradientResult {
  /** Mean over tokens, in nats. */
  readonly loss: number
  /** By parameter name, in the order and shape of the parameters. */
  readonly gradients: ReadonlyMap<string, Float32Array>
  /** Same shape as the item vectors given. */
  readonly itemGradients: Float32Array
}

/** A trained network held ready for scoring. */
export interface LoadedModel {
  /** Returns query vectors: shape `[B, D]`. */
  encode(sequences: PackedSequences): Float32Array
  /** Returns the scores of every row of the item table: shape `[B, numItems + 1]`. */
  score(sequences: PackedSequences): Float32Array
  dispose(): void
}

/**
 * Runs the network. An engine owns no state: weights and item vectors come in with each call as typed
 * arrays, gradients go out, and the optimiser works on typed arrays, so a checkpoint fits any engine.
 */
export interface Engine {
  /** Names the engine in logs, reports and checkpoints. */
  readonly name: string
  /**
   * Returns loss and gradients of one batch.
   *
   * @param itemVectors - Shape `[U, D]`: the vectors of the items that the batch uses.
   */
  computeGradients(
    parameters: Parameters,
    itemVectors: Float32Array,
    batch: TrainingBatch,
  ): GradientResult
  /** Loads weights for scoring; `itemTable` has shape `[numItems + 1, D]` and `tokens` are its rows. */
  load(parameters: Parameters, itemTable: Float32Array): LoadedModel
}
