/** First and second moments of one array of weights. */
export interface Moments {
  readonly mean: Float32Array
  readonly square: Float32Array
}

/** Settings of {@link applyAdam}. */
export interface AdamOptions {
  readonly learningRate: number
  /** Decay of the first moment. @defaultValue 0.9 */
  readonly beta1?: number
  /** Decay of the second moment. @defaultValue 0.98 */
  readonly beta2?: number
  /** Added to the root of the second moment. @defaultValue 1e-8 */
  readonly epsilon?: number
  /** 1-based count of steps, for the bias correction. */
  readonly step: number
}

/** The settings of Adam that all engines take, as for transformers: arXiv:1706.03762, section 5.3, gives the second. */
export const ADAM = { beta1: 0.9, beta2: 0.98, epsilon: 1e-8 } as const

/** Returns the step size and the factor of the second moment, both with the bias correction of a step in them. */
export function adamRates({
  learningRate,
  step,
}: {
  readonly learningRate: number
  readonly step: number
}): { readonly rate: number; readonly correction: number } {
  return {
    rate: learningRate / (1 - ADAM.beta1 ** step),
    correction: 1 / (1 - ADAM.beta2 ** step),
  }
}

/** Returns zero moments for `length` weights. */
export function createMoments(length: number): Moments {
  return { mean: new Float32Array(length), square: new Float32Array(length) }
}

/**
 * Updates weights and moments in place by one step of Adam.
 *
 * @see Kingma and Ba 2015, {@link https://arxiv.org/abs/1412.6980 | arXiv:1412.6980}, algorithm 1.
 */
export function applyAdam(
  weights: Float32Array,
  gradients: Float32Array,
  moments: Moments,
  options: AdamOptions,
): void {
  updateRange(weights, { gradients, moments, options, start: 0, from: 0, length: weights.length })
}

/**
 * Updates only the rows of a table that a step used, so its cost does not grow with the table.
 *
 * Differs from Adam over the whole table: moments of a row that a step did not use stay as they are
 * (as in TensorFlow's LazyAdam and PyTorch's SparseAdam); the bias correction counts all steps.
 *
 * @param table - Shape `[numRows, dim]`.
 * @param rows - Distinct rows, shape `[U]`.
 * @param gradients - Shape `[U, dim]`.
 */
export function applyAdamToRows(
  table: Float32Array,
  {
    rows,
    gradients,
    moments,
    dim,
  }: { rows: Int32Array; gradients: Float32Array; moments: Moments; dim: number },
  options: AdamOptions,
): void {
  for (let i = 0; i < rows.length; i++) {
    const start = (rows[i] as number) * dim
    updateRange(table, { gradients, moments, options, start, from: i * dim, length: dim })
  }
}

interface Range {
  readonly gradients: Float32Array
  readonly moments: Moments
  readonly options: AdamOptions
  /** First weight, and first moment. */
  readonly start: number
  /** First gradient. */
  readonly from: number
  readonly length: number
}

function updateRange(
  weights: Float32Array,
  { gradients, moments, options, start, from, length }: Range,
): void {
  const { learningRate, beta1 = 0.9, beta2 = 0.98, epsilon = 1e-8, step } = options
  const { mean, square } = moments
  const rate = learningRate / (1 - beta1 ** step)
  const correction = 1 / (1 - beta2 ** step)
  for (let i = 0; i < length; i++) {
    const at = start + i
    const gradient = gradients[from + i] as number
    const m = beta1 * (mean[at] as number) + (1 - beta1) * gradient
    const v = beta2 * (square[at] as number) + (1 - beta2) * gradient * gradient
    mean[at] = m
    square[at] = v
    weights[at] = (weights[at] as number) - (rate * m) / (Math.sqrt(v * correction) + epsilon)
  }
}
