import type { Negatives, PreparedBatch } from '@perennial/train'
import type { PackedBatch } from './draw-batches.ts'
import type { EngineTask } from './engine-task.ts'

/** Returns a packed batch as our engines take it: item rows become positions among the rows that the step uses. */
export function prepareBatch(
  { offsets, tokens, targets, negatives }: PackedBatch,
  { loss, numItems, seed }: Pick<EngineTask, 'loss' | 'numItems' | 'seed'>,
): PreparedBatch {
  const isUsed = new Uint8Array(numItems + 1)
  if (loss === 'softmax') isUsed.fill(1, 1)
  else for (const rows of [tokens, targets, negatives]) for (const row of rows) isUsed[row] = 1
  const itemRows = new Int32Array(isUsed.reduce((sum, used) => sum + used, 0))
  const positions = new Int32Array(numItems + 1)
  let numUsed = 0
  isUsed.forEach((used, row) => {
    if (used === 0) return
    positions[row] = numUsed
    itemRows[numUsed++] = row
  })
  const place = (rows: Int32Array): Int32Array => rows.map((row) => positions[row] as number)
  return {
    itemRows,
    batch: {
      offsets,
      tokens: place(tokens),
      questions: tokens.map((_, t) => t),
      targets: place(targets),
      firstOutput: 0,
      prior: null,
      eventSeconds: new Float64Array(tokens.length),
      askedSeconds: new Float64Array(tokens.length),
      negatives: loss === 'softmax' ? null : toNegatives(place(negatives), loss),
      dropoutSeed: seed,
    },
  }
}

function toNegatives(items: Int32Array, loss: 'bce' | 'sampled-softmax'): Negatives {
  const common = { beta: 1, items, bias: new Float32Array(items.length) }
  return loss === 'bce'
    ? { loss: 'binary', sharedBy: 'token', count: 1, ...common }
    : { loss: 'softmax', sharedBy: 'batch', count: items.length, ...common }
}
