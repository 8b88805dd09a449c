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
  const { dim, numBlocks, numHeads, activation, dropout } = config
  const weight = (name: string): T => ops.parameter(name)
  const norm = (x: T, name: string): T =>
    ops.layerNorm(x, weight(`${name}.gain`), weight(`${name}.bias`))
  const dense = (x: T, name: string): T =>
    ops.add(ops.matMul(x, weight(`${name}.weight`)), weight(`${name}.bias`))

  let x = ops.add(ops.scale(itemVectors, Math.sqrt(dim)), ops.positions(weight('positions'))) // [N, D]
  x = ops.dropout(x, dropout) // [N, D]
  for (let b = 0; b < numBlocks; b++) {
    const qkv = dense(norm(x, `blocks.${b}.attention.norm`), `blocks.${b}.attention.input`) // [N, 3 D]
    const attended = dense(ops.causalAttention(qkv, numHeads), `blocks.${b}.attention.output`) // [N, D]
    x = ops.add(x, ops.dropout(attended, dropout)) // [N, D]
    const wide = dense(norm(x, `blocks.${b}.feedForward.norm`), `blocks.${b}.feedForward.input`) // [N, F]
    const active = ops.dropout(activation === 'gelu' ? ops.gelu(wide) : ops.relu(wide), dropout) // [N, F]
    x = ops.add(x, ops.dropout(dense(active, `blocks.${b}.feedForward.output`), dropout)) // [N, D]
  }
  return norm(x, 'output.norm') // [N, D]
}
