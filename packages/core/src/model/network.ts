import type { EncoderConfig } from './config.ts'
import type { Ops } from './ops.ts'

/**
 * Returns the hidden state of every event; that of a sequence's newest event is its query vector.
 *
 * The whole forward pass, written once: training differentiates it, the exporter records it as ONNX.
 *
 * @param itemVectors - Looked-up item vectors, one row an event: shape `[N, D]`.
 * @returns Shape `[N, D]`; the score of an item is the inner product with its vector.
 * @see Kang and McAuley 2018, {@link https://arxiv.org/abs/1808.09781 | arXiv:1808.09781}, section III, eq. 2-7.
 * Differs: normalisation before each layer instead of after the sum, as later work found stabler; positions
 * are counted from the newest event, so a history needs no padding; the residual carries the input itself.
 */
export function encodeSequences<T>(ops: Ops<T>, itemVectors: T, config: EncoderConfig): T {
  const { dim, numBlocks, dropout, timeFeatures } = config
  const layers = createLayers(ops)
  let x = ops.add(ops.scale(itemVectors, Math.sqrt(dim)), layers.table('positions', 'position')) // [N, D]
  if (timeFeatures.includes('gap')) x = ops.add(x, layers.table('gaps', 'gap')) // [N, D]
  if (timeFeatures.includes('calendar')) {
    x = ops.add(x, layers.table('weekdays', 'weekday')) // [N, D]
    x = ops.add(x, layers.table('seasons', 'season')) // [N, D]
  }
  x = ops.dropout(x, dropout) // [N, D]
  for (let b = 0; b < numBlocks; b++) x = BLOCK_OF[config.block](ops, x, config, `blocks.${b}`) // [N, D]
  x = layers.norm(x, 'output.norm') // [N, D]
  return config.similarity === 'dot' ? x : ops.unitRows(x, 1 / config.temperature) // [N, D]
}

type Block = <T>(ops: Ops<T>, x: T, config: EncoderConfig, name: string) => T

/** Attention, then a feed-forward layer, each added to what came in. */
const sasrecBlock: Block = (ops, input, { numHeads, activation, dropout }, name) => {
  const { norm, dense } = createLayers(ops)
  const qkv = dense(norm(input, `${name}.attention.norm`), `${name}.attention.input`) // [N, 3 D]
  const attended = dense(ops.causalAttention(qkv, numHeads), `${name}.attention.output`) // [N, D]
  const x = ops.add(input, ops.dropout(attended, dropout)) // [N, D]
  const wide = dense(norm(x, `${name}.feedForward.norm`), `${name}.feedForward.input`) // [N, F]
  const active = ops.dropout(activation === 'gelu' ? ops.gelu(wide) : ops.relu(wide), dropout) // [N, F]
  return ops.add(x, ops.dropout(dense(active, `${name}.feedForward.output`), dropout)) // [N, D]
}

/**
 * As `sasrec`, each sum weighed by `sigmoid(W x)`, with SwiGLU `(silu(z U) * z V) O` as feed-forward layer.
 *
 * @see Borisyuk et al. 2025, {@link https://arxiv.org/abs/2502.03417 | arXiv:2502.03417}, as used for sequences by
 * eSASRec, {@link https://arxiv.org/abs/2508.06450 | arXiv:2508.06450}.
 */
const ligrBlock: Block = (ops, input, { numHeads, dropout }, name) => {
  const { norm, dense, linear } = createLayers(ops)
  const gated = (x: typeof input, y: typeof input, gate: string): typeof input =>
    ops.add(x, ops.multiply(ops.sigmoid(dense(x, gate)), ops.dropout(y, dropout)))
  const qkv = dense(norm(input, `${name}.attention.norm`), `${name}.attention.input`) // [N, 3 D]
  const attended = dense(ops.causalAttention(qkv, numHeads), `${name}.attention.output`) // [N, D]
  const x = gated(input, attended, `${name}.attention.gate`) // [N, D]
  const z = norm(x, `${name}.feedForward.norm`) // [N, D]
  const wide = ops.multiply(
    ops.silu(linear(z, `${name}.feedForward.input`)),
    linear(z, `${name}.feedForward.linear`),
  ) // [N, F]
  return gated(x, linear(wide, `${name}.feedForward.output`), `${name}.feedForward.gate`) // [N, D]
}

/**
 * One layer in place of two: `x + W (u * norm(attention(q, k, v)))` with `u, q, k, v = silu(z W)`.
 *
 * @see Zhai et al. 2024, {@link https://arxiv.org/abs/2402.17152 | arXiv:2402.17152}, eq. 1-3.
 * Differs: both norms have a gain and a bias.
 */
const hstuBlock: Block = (ops, x, { numHeads, dropout }, name) => {
  const { norm, dense, linear } = createLayers(ops)
  const z = norm(x, `${name}.attention.norm`) // [N, D]
  const gate = ops.silu(linear(z, `${name}.attention.gate`)) // [N, D]
  const qkv = ops.silu(linear(z, `${name}.attention.input`)) // [N, 3 D]
  const attended = ops.pointwiseAttention(qkv, numHeads, {
    position: ops.parameter(`${name}.attention.positionBias`),
    time: ops.parameter(`${name}.attention.timeBias`),
  }) // [N, D]
  const mixed = ops.multiply(gate, norm(attended, `${name}.attention.outputNorm`)) // [N, D]
  return ops.add(x, dense(ops.dropout(mixed, dropout), `${name}.attention.output`)) // [N, D]
}

const BLOCK_OF = { sasrec: sasrecBlock, ligr: ligrBlock, hstu: hstuBlock } as const

/** Layers by the name of their weights. */
function createLayers<T>(ops: Ops<T>): {
  norm(x: T, name: string): T
  linear(x: T, name: string): T
  dense(x: T, name: string): T
  table(name: string, key: Parameters<Ops<T>['lookup']>[1]): T
} {
  const linear = (x: T, name: string): T => ops.matMul(x, ops.parameter(`${name}.weight`))
  return {
    linear,
    norm: (x, name) =>
      ops.layerNorm(x, ops.parameter(`${name}.gain`), ops.parameter(`${name}.bias`)),
    dense: (x, name) => ops.add(linear(x, name), ops.parameter(`${name}.bias`)),
    table: (name, key) => ops.lookup(ops.parameter(name), key),
  }
}
