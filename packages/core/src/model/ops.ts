import type { TokenKey } from './token-keys.ts'

/**
 * The operations that the network is written in.
 *
 * A value `T` is a matrix with one row a token: the events of all sequences of a batch, laid out as the
 * engine likes (packed, or padded). No operation but the attentions and {@link Ops.lookup} looks beyond its
 * row, so only these know where a sequence begins and ends.
 * Implemented with tf.js and with WebAssembly kernels (training), by a recorder that writes ONNX (serving), and
 * in float64 (the reference of the gradient tests).
 */
export interface Ops<T> {
  /** Returns a weight by its name in {@link parameterShapes}. */
  parameter(name: string): T
  /** Returns `a + b`; `b` has the shape of `a`, or is one row `[D]` added to each row. */
  add(a: T, b: T): T
  /** Returns `a * b`, entry by entry; both have one shape. */
  multiply(a: T, b: T): T
  /** Returns `x * factor`. */
  scale(x: T, factor: number): T
  /** Returns `x [N, I] . weight [I, O]`, shape `[N, O]`. */
  matMul(x: T, weight: T): T
  /** Returns each row with mean 0 and variance 1 (epsilon 1e-6), times `gain [D]`, plus `bias [D]`. */
  layerNorm(x: T, gain: T, bias: T): T
  /** Returns each row scaled to Euclidean length `length`. */
  unitRows(x: T, length: number): T
  /** Returns `max(x, 0)`. */
  relu(x: T): T
  /** Returns the tanh form of GELU: `x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))`. */
  gelu(x: T): T
  /** Returns `x sigmoid(x)`. */
  silu(x: T): T
  /** Returns `1 / (1 + e^-x)`. */
  sigmoid(x: T): T
  /** Returns `x` with a share `rate` of entries at zero and the rest scaled up; `x` itself outside training. */
  dropout(x: T, rate: number): T
  /** Returns one row of `table [numKeys, D]` a token, by the token's key. */
  lookup(table: T, key: TokenKey): T
  /**
   * Returns scaled dot-product attention in which a token sees itself and the older tokens of its own sequence.
   *
   * @param qkv - Shape `[N, 3 D]`: queries, keys, values side by side; head `h` uses columns `h D/H .. (h+1) D/H - 1` of each.
   * @returns Shape `[N, D]`.
   */
  causalAttention(qkv: T, numHeads: number): T
  /**
   * Returns attention without a softmax: token `i` takes `sum_j silu(q_i . k_j + position[i - j] + time[bucket]) v_j / maxLength`
   * over itself and the older tokens `j` of its sequence, `bucket` being that of the time from event `j` to the
   * question of token `i`. `position [maxLength, 1]` and `time [NUM_TIME_BUCKETS, 1]` serve all heads.
   *
   * @param qkv - As for {@link Ops.causalAttention}.
   */
  pointwiseAttention(qkv: T, numHeads: number, bias: { readonly position: T; readonly time: T }): T
}
