import { checkNumber, RecommenderError } from '../errors.ts'

/** A logistic model of whether a customer visits within the horizon. */
export interface ActivityModel {
  /** Mean of each feature where it is known; what a missing one is taken for. Shape `[numFeatures]`. */
  readonly means: Float64Array
  /** Standard deviation of each feature; 1 for a constant one. Shape `[numFeatures]`. */
  readonly deviations: Float64Array
  /** Of the standardised features. Shape `[numFeatures]`. */
  readonly weights: Float64Array
  readonly bias: number
}

/** Rows that an {@link ActivityModel} learns from. */
export interface ActivityExamples {
  /** Shape `[numRows, numFeatures]`; NaN where not known. */
  readonly features: Float64Array
  /** Shape `[numRows]`: 1 for a visit within the horizon, else 0. */
  readonly labels: Uint8Array
}

/** Options of {@link fitActivityModel}. */
export interface FitActivityModelOptions {
  /** Penalty on half the squared weights, in rows; above 0. The bias is free. @defaultValue 1 */
  readonly ridge?: number | undefined
}

const MAX_ITERATIONS = 50
const TOLERANCE = 1e-9
/** Standard deviations beyond which a feature counts no further. */
const MAX_DEVIATIONS = 5

/**
 * Returns the logistic model of largest penalised likelihood, found by Newton's method (iteratively reweighted least squares).
 *
 * A step that lowers the likelihood is halved until it does not, so that the search ends from any data.
 *
 * @throws {@link RecommenderError} `INVALID_INPUT` if the labels are all the same; `SHAPE_MISMATCH` if the features do not
 * fill the rows; `INVALID_OPTION` if the ridge is not above 0.
 * @see Hastie, Tibshirani and Friedman 2009, The Elements of Statistical Learning, section 4.4.1.
 */
export function fitActivityModel(
  { features, labels }: ActivityExamples,
  { ridge = 1 }: FitActivityModelOptions = {},
): ActivityModel {
  checkNumber('ridge', ridge, Number.MIN_VALUE)
  const numVisiting = labels.reduce((sum, label) => sum + label, 0)
  if (numVisiting === 0 || numVisiting === labels.length) {
    throw new RecommenderError(
      'INVALID_INPUT',
      `Expected rows with and without a visit to fit a logistic model, got ${numVisiting} with one of ${labels.length}.`,
    )
  }
  const { means, deviations } = measureColumns(features, checkWidth(features, labels.length))
  const rows = standardize(features, { means, deviations })
  const share = numVisiting / labels.length
  // The bias comes last.
  let weights = new Float64Array(means.length + 1)
  weights[means.length] = Math.log(share / (1 - share))
  let loss = penalizedLoss(rows, labels, weights, ridge)
  for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
    const step = newtonStep(rows, labels, weights, ridge)
    let factor = 1
    let next = weights
    let nextLoss = Infinity
    for (; factor > 1e-6; factor /= 2) {
      next = weights.map((weight, f) => weight - factor * (step[f] as number))
      nextLoss = penalizedLoss(rows, labels, next, ridge)
      if (nextLoss <= loss) break
    }
    if (!(nextLoss <= loss)) break
    const gain = loss - nextLoss
    weights = next
    loss = nextLoss
    if (gain <= TOLERANCE * Math.abs(loss)) break
  }
  const bias = weights[means.length] as number
  return { means, deviations, weights: weights.slice(0, means.length), bias }
}

/**
 * Returns the probability of a visit for each row of features.
 *
 * @param features - Shape `[numRows, numFeatures]`; NaN where not known.
 * @returns Shape `[numRows]`, within `(0, 1)`.
 * @throws {@link RecommenderError} `SHAPE_MISMATCH` if the features do not fill rows of the model's width.
 */
export function predictActivity(model: ActivityModel, features: Float64Array): Float64Array {
  const width = model.means.length
  if (features.length % width !== 0) {
    throw new RecommenderError(
      'SHAPE_MISMATCH',
      `Expected rows of ${width} features, got ${features.length} values.`,
    )
  }
  const rows = standardize(features, model)
  return Float64Array.from({ length: rows.length / width }, (_, i) => {
    let logit = model.bias
    for (let f = 0; f < width; f++)
      logit += (model.weights[f] as number) * (rows[i * width + f] as number)
    return 1 / (1 + Math.exp(-logit))
  })
}

/**
 * Returns the model with its bias moved so that it predicts as many visits among the rows as there were.
 *
 * Half a visit is added to either outcome, so that rows with one outcome only move it a finite way.
 */
export function alignBias(
  model: ActivityModel,
  { features, labels }: ActivityExamples,
): ActivityModel {
  const rows = standardize(features, model)
  const weights = Float64Array.of(...model.weights, 0)
  const logits = Float64Array.from(labels, (_, i) => logitOf(rows, i, weights))
  const numVisiting = labels.reduce((sum, label) => sum + label, 0)
  const target = (labels.length * (numVisiting + 0.5)) / (labels.length + 1)
  let [low, high] = [-50, 50]
  // The sum rises with the bias; sixty halvings leave nothing of the interval.
  for (let n = 0; n < 60; n++) {
    const middle = (low + high) / 2
    const sum = logits.reduce((total, logit) => total + 1 / (1 + Math.exp(-logit - middle)), 0)
    if (sum < target) low = middle
    else high = middle
  }
  return { ...model, bias: (low + high) / 2 }
}

function checkWidth(features: Float64Array, numRows: number): number {
  const width = features.length / numRows
  if (Number.isInteger(width) && width > 0) return width
  throw new RecommenderError(
    'SHAPE_MISMATCH',
    `Expected features of ${numRows} rows, got ${features.length} values.`,
  )
}

function measureColumns(
  features: Float64Array,
  width: number,
): Pick<ActivityModel, 'means' | 'deviations'> {
  const means = new Float64Array(width)
  const deviations = new Float64Array(width)
  for (let f = 0; f < width; f++) {
    let [count, sum, squares] = [0, 0, 0]
    for (let i = f; i < features.length; i += width) {
      const value = features[i] as number
      if (Number.isNaN(value)) continue
      count++
      sum += value
    }
    const mean = count === 0 ? 0 : sum / count
    for (let i = f; i < features.length; i += width) {
      const value = features[i] as number
      if (!Number.isNaN(value)) squares += (value - mean) ** 2
    }
    means[f] = mean
    // A constant column has rounding for its deviation, which would be blown up to a feature.
    const deviation = Math.sqrt(squares / Math.max(count, 1))
    deviations[f] = deviation > 1e-9 * Math.max(1, Math.abs(mean)) ? deviation : 1
  }
  return { means, deviations }
}

function standardize(
  features: Float64Array,
  { means, deviations }: Pick<ActivityModel, 'means' | 'deviations'>,
): Float64Array {
  const width = means.length
  return features.map((value, i) => {
    if (Number.isNaN(value)) return 0
    const score = (value - (means[i % width] as number)) / (deviations[i % width] as number)
    return Math.min(Math.max(score, -MAX_DEVIATIONS), MAX_DEVIATIONS)
  })
}

function logitOf(rows: Float64Array, i: number, weights: Float64Array): number {
  const width = weights.length - 1
  let logit = weights[width] as number
  for (let f = 0; f < width; f++) logit += (weights[f] as number) * (rows[i * width + f] as number)
  return logit
}

function penalizedLoss(
  rows: Float64Array,
  labels: Uint8Array,
  weights: Float64Array,
  ridge: number,
): number {
  let loss = 0
  for (let f = 0; f < weights.length - 1; f++) loss += 0.5 * ridge * (weights[f] as number) ** 2
  for (let i = 0; i < labels.length; i++) {
    const margin = (labels[i] === 1 ? 1 : -1) * logitOf(rows, i, weights)
    loss += margin > 0 ? Math.log1p(Math.exp(-margin)) : Math.log1p(Math.exp(margin)) - margin
  }
  return loss
}

/** Returns the solution of `H step = gradient`, both of the penalised loss. */
function newtonStep(
  rows: Float64Array,
  labels: Uint8Array,
  weights: Float64Array,
  ridge: number,
): Float64Array {
  const size = weights.length
  const width = size - 1
  const hessian = new Float64Array(size * size)
  const gradient = new Float64Array(size)
  const row = new Float64Array(size)
  row[width] = 1
  for (let i = 0; i < labels.length; i++) {
    row.set(rows.subarray(i * width, (i + 1) * width))
    const probability = 1 / (1 + Math.exp(-logitOf(rows, i, weights)))
    const error = probability - (labels[i] as number)
    const curvature = probability * (1 - probability)
    for (let f = 0; f < size; f++) {
      const value = row[f] as number
      gradient[f] = (gradient[f] as number) + error * value
      for (let g = 0; g <= f; g++) {
        const at = f * size + g
        hessian[at] = (hessian[at] as number) + curvature * value * (row[g] as number)
      }
    }
  }
  for (let f = 0; f < width; f++) {
    gradient[f] = (gradient[f] as number) + ridge * (weights[f] as number)
    hessian[f * size + f] = (hessian[f * size + f] as number) + ridge
  }
  // The bias has no ridge: without this its curvature is 0 when all rows are predicted surely.
  hessian[size * size - 1] = (hessian[size * size - 1] as number) + 1e-9
  return solvePositive(hessian, gradient, size)
}

/** Solves a symmetric positive definite system by Cholesky's method; only the lower triangle of `matrix` is read. */
function solvePositive(matrix: Float64Array, right: Float64Array, size: number): Float64Array {
  const lower = new Float64Array(size * size)
  const at = (f: number, g: number): number => lower[f * size + g] as number
  for (let f = 0; f < size; f++) {
    for (let g = 0; g <= f; g++) {
      let sum = matrix[f * size + g] as number
      for (let k = 0; k < g; k++) sum -= at(f, k) * at(g, k)
      lower[f * size + g] = f === g ? Math.sqrt(Math.max(sum, 1e-300)) : sum / at(g, g)
    }
  }
  const solution = Float64Array.from(right)
  for (let f = 0; f < size; f++) {
    for (let g = 0; g < f; g++)
      solution[f] = (solution[f] as number) - at(f, g) * (solution[g] as number)
    solution[f] = (solution[f] as number) / at(f, f)
  }
  for (let f = size - 1; f >= 0; f--) {
    for (let g = f + 1; g < size; g++)
      solution[f] = (solution[f] as number) - at(g, f) * (solution[g] as number)
    solution[f] = (solution[f] as number) / at(f, f)
  }
  return solution
}
