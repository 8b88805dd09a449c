import type { RowLoss } from './row-trainer.ts'

/** Rows of whole lists with the network's outputs. */
export interface ScoredRows {
  /** Shape `[rows, numOutputs]`. */
  readonly outputs: Float32Array
  /** Same shape, fully overwritten: gradients of `share` times the summed loss. */
  readonly gradients: Float32Array
  /** Where each row stands in the table; shape `[rows]`. */
  readonly places: Int32Array
  /** Rows of each list. */
  readonly lengths: readonly number[]
  /** Weight of a list in the mean. */
  readonly share: number
}

/** Returns `share` times the loss summed over lists, and writes its gradients. */
export function rowLoss(loss: RowLoss, rows: ScoredRows): number {
  let sum = 0
  let first = 0
  for (const length of rows.lengths) {
    sum +=
      loss.type === 'list'
        ? listLoss(loss, rows, { first, length })
        : rangeLoss(loss, rows, { first, length })
    first += length
  }
  return rows.share * sum
}

type Loss<Type extends RowLoss['type']> = Extract<RowLoss, { type: Type }>
interface List {
  readonly first: number
  readonly length: number
}

/** With `p` the softmax over the list: `ds_i = (sum of weights) p_i - weight_i`. */
function listLoss(
  { weights, bias }: Loss<'list'>,
  { outputs, gradients, places, share }: ScoredRows,
  { first, length }: List,
): number {
  let largest = -Infinity
  for (let i = first; i < first + length; i++)
    largest = Math.max(largest, (outputs[i] as number) + (bias[places[i] as number] as number))
  let sum = 0
  let total = 0
  for (let i = first; i < first + length; i++) {
    const place = places[i] as number
    const power = Math.exp((outputs[i] as number) + (bias[place] as number) - largest)
    gradients[i] = power
    sum += power
    total += weights[place] as number
  }
  const logSum = Math.log(sum) + largest
  let loss = 0
  for (let i = first; i < first + length; i++) {
    const place = places[i] as number
    const weight = weights[place] as number
    if (weight > 0) loss -= weight * ((outputs[i] as number) + (bias[place] as number) - logSum)
    gradients[i] = share * ((total * (gradients[i] as number)) / sum - weight)
  }
  return loss
}

/** With `p` the softmax over outputs and `q` the same within the range: `ds_k = weight (p_k - q_k)`. */
function rangeLoss(
  { low, high, weights }: Loss<'range'>,
  { outputs, gradients, places, share }: ScoredRows,
  { first, length }: List,
): number {
  const width = outputs.length / places.length
  let loss = 0
  for (let i = first; i < first + length; i++) {
    const at = i * width
    const place = places[i] as number
    const from = low[place] as number
    const to = high[place] as number
    const weight = weights[place] as number
    let largest = -Infinity
    for (let k = 0; k < width; k++) largest = Math.max(largest, outputs[at + k] as number)
    let sum = 0
    let inside = 0
    for (let k = 0; k < width; k++) {
      const power = Math.exp((outputs[at + k] as number) - largest)
      gradients[at + k] = power
      sum += power
      if (k >= from && k <= to) inside += power
    }
    // Far from the range the sum within it may round to nothing.
    const known = Math.max(inside, 1e-30)
    for (let k = 0; k < width; k++) {
      const power = gradients[at + k] as number
      const within = k >= from && k <= to ? power / known : 0
      gradients[at + k] = share * weight * (power / sum - within)
    }
    loss -= weight * Math.log(known / sum)
  }
  return loss
}
