import {
  type EncoderConfig,
  encodeSequences,
  type Ops,
  type Parameters,
  timeBucket,
  tokenKeys,
} from '@perennial/core'
import type { PreparedBatch } from '../src/engine/engine.ts'

/** A matrix in float64: the reference that engines are compared with. */
interface Matrix {
  readonly rows: number
  readonly columns: number
  readonly values: Float64Array
}

/** Weights in float64, by name; `items` holds the rows of the table that the batch uses. */
export type ReferenceWeights = ReadonlyMap<string, Float64Array>

/** Returns the loss of a batch without dropout, in plain float64 arithmetic and with no thought of speed. */
export function referenceLoss(
  config: EncoderConfig,
  weights: ReferenceWeights,
  { shapes, prepared }: { shapes: Parameters; prepared: PreparedBatch },
): number {
  const { batch } = prepared
  const { dim } = config
  const raw = weights.get('items') as Float64Array
  const items = config.similarity === 'cosine' ? unit(raw, dim, 1) : raw
  const input = pickRows(items, batch.tokens, dim)
  const ops = createReferenceOps(config, weights, { shapes, batch })
  const hidden = encodeSequences(
    ops,
    { rows: batch.tokens.length, columns: dim, values: input },
    config,
  )
  const { firstOutput, questions, prior } = batch
  const numOutputs = items.length / dim - firstOutput
  const logit = (q: number, output: number): number => {
    const t = questions[q] as number
    const row = firstOutput + output
    let sum =
      prior === null ? 0 : (prior.values[(prior.rows[q] as number) * numOutputs + output] as number)
    for (let d = 0; d < dim; d++)
      sum += (hidden.values[t * dim + d] as number) * (items[row * dim + d] as number)
    return sum
  }
  let loss = 0
  batch.targets.forEach((target, q) => {
    const own = logit(q, target)
    if (batch.negatives === null) {
      loss += logSumExp(Array.from({ length: numOutputs }, (_, output) => logit(q, output))) - own
      return
    }
    const { count, sharedBy, items: ids, bias, beta } = batch.negatives
    const sequence = batch.offsets.findLastIndex((first) => first <= (questions[q] as number))
    const list = { batch: 0, sequence, token: q }[sharedBy]
    const others: number[] = []
    for (let i = list * count; i < (list + 1) * count; i++) {
      const id = ids[i] as number
      if (id !== target) others.push(logit(q, id) + (bias[i] as number))
    }
    loss +=
      batch.negatives.loss === 'softmax'
        ? logSumExp([own, ...others]) - own
        : (beta * softplus(-own) + others.reduce((sum, s) => sum + softplus(s), 0)) / (count + 1)
  })
  return loss / questions.length
}

function createReferenceOps(
  config: EncoderConfig,
  weights: ReferenceWeights,
  { shapes, batch }: { shapes: Parameters; batch: PreparedBatch['batch'] },
): Ops<Matrix> {
  const map = (x: Matrix, f: (value: number, i: number) => number): Matrix => ({
    ...x,
    values: x.values.map(f),
  })
  const at = (x: Matrix, i: number): number => x.values[i] as number
  const sigmoid = (v: number): number => 1 / (1 + Math.exp(-v))
  const attend = (
    qkv: Matrix,
    numHeads: number,
    weigh: (products: number[], place: { i: number; first: number }) => number[],
  ): Matrix => {
    const dim = qkv.columns / 3
    const size = dim / numHeads
    const values = new Float64Array(qkv.rows * dim)
    for (let b = 0; b + 1 < batch.offsets.length; b++) {
      const first = batch.offsets[b] as number
      for (let i = first; i < (batch.offsets[b + 1] as number); i++) {
        for (let h = 0; h < numHeads; h++) {
          const products: number[] = []
          for (let j = first; j <= i; j++) {
            let sum = 0
            for (let d = 0; d < size; d++)
              sum += at(qkv, i * 3 * dim + h * size + d) * at(qkv, j * 3 * dim + dim + h * size + d)
            products.push(sum)
          }
          weigh(products, { i, first }).forEach((share, n) => {
            for (let d = 0; d < size; d++) {
              const to = i * dim + h * size + d
              values[to] =
                (values[to] as number) +
                share * at(qkv, (first + n) * 3 * dim + 2 * dim + h * size + d)
            }
          })
        }
      }
    }
    return { rows: qkv.rows, columns: dim, values }
  }
  return {
    parameter: (name) => {
      const shape = shapes.get(name)?.shape as readonly number[]
      const [rows = 1, columns = 1] = shape.length === 2 ? shape : [1, shape[0]]
      return { rows, columns, values: weights.get(name) as Float64Array }
    },
    add: (a, b) => map(a, (v, i) => v + at(b, b.rows === 1 ? i % a.columns : i)),
    multiply: (a, b) => map(a, (v, i) => v * at(b, i)),
    scale: (x, factor) => map(x, (v) => v * factor),
    matMul: (x, w) => {
      const values = new Float64Array(x.rows * w.columns)
      for (let i = 0; i < x.rows; i++)
        for (let k = 0; k < x.columns; k++)
          for (let j = 0; j < w.columns; j++) {
            const to = i * w.columns + j
            values[to] =
              (values[to] as number) + at(x, i * x.columns + k) * at(w, k * w.columns + j)
          }
      return { rows: x.rows, columns: w.columns, values }
    },
    layerNorm: (x, gain, bias) => {
      const values = new Float64Array(x.values.length)
      for (let i = 0; i < x.rows; i++) {
        const row = x.values.subarray(i * x.columns, (i + 1) * x.columns)
        const mean = row.reduce((sum, v) => sum + v, 0) / x.columns
        const variance = row.reduce((sum, v) => sum + (v - mean) ** 2, 0) / x.columns
        row.forEach((v, j) => {
          values[i * x.columns + j] =
            ((v - mean) / Math.sqrt(variance + 1e-6)) * at(gain, j) + at(bias, j)
        })
      }
      return { ...x, values }
    },
    unitRows: (x, length) => ({ ...x, values: unit(x.values, x.columns, length) }),
    relu: (x) => map(x, (v) => Math.max(0, v)),
    gelu: (x) =>
      map(x, (v) => (v / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3)))),
    silu: (x) => map(x, (v) => v * sigmoid(v)),
    sigmoid: (x) => map(x, sigmoid),
    dropout: (x) => x,
    lookup: (table, key) => {
      const keys = tokenKeys(batch, key)
      return {
        rows: keys.length,
        columns: table.columns,
        values: pickRows(table.values, keys, table.columns),
      }
    },
    causalAttention: (qkv, numHeads) =>
      attend(qkv, numHeads, (products) => {
        const scale = 1 / Math.sqrt(qkv.columns / 3 / numHeads)
        const total = logSumExp(products.map((p) => p * scale))
        return products.map((p) => Math.exp(p * scale - total))
      }),
    pointwiseAttention: (qkv, numHeads, { position, time }) =>
      attend(qkv, numHeads, (products, { i, first }) =>
        products.map((p, n) => {
          const span = (batch.askedSeconds[i] as number) - (batch.eventSeconds[first + n] as number)
          const s = p + at(position, i - first - n) + at(time, timeBucket(span))
          return (s * sigmoid(s)) / config.maxLength
        }),
      ),
  }
}

function unit(values: Float64Array, width: number, length: number): Float64Array {
  const out = new Float64Array(values.length)
  for (let i = 0; i < values.length; i += width) {
    const row = values.subarray(i, i + width)
    const norm = Math.sqrt(row.reduce((sum, v) => sum + v * v, 1e-12))
    row.forEach((v, j) => {
      out[i + j] = (v * length) / norm
    })
  }
  return out
}

function pickRows(table: Float64Array, rows: Int32Array, width: number): Float64Array {
  const out = new Float64Array(rows.length * width)
  rows.forEach((row, i) => {
    out.set(table.subarray(row * width, (row + 1) * width), i * width)
  })
  return out
}

function logSumExp(values: readonly number[]): number {
  const top = Math.max(...values)
  return top + Math.log(values.reduce((sum, v) => sum + Math.exp(v - top), 0))
}

function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))
}
