/**
 * The operations that the network is written in.
 *
 * A value `T` is a matrix with one row a token: the events of all sequences of a batch, laid out as the
 * engine likes (packed, or padded). No operation but {@link Ops.causalAttention} and
 * {@link Ops.positions} looks across rows, so only these two know where a sequence begins and ends.
 * Implemented with tf.js (training) and by a recorder that writes ONNX (serving).
 */
export interface Ops<T> {
  /** Returns a weight by its name in {@link parameterShapes}. */
  parameter(name: string): T
  /** Returns `a + b`; `b` has the shape of `a`, or is one row `[D]` added to each row. */
  add(a: T, b: T): T
  /** Returns `x * factor`. */
  scale(x: T, factor: number): T
  /** Returns `x [N, I] . weight [I, O]`, shape `[N, O]`. */
  matMul(x: T, weight: T): T
  /** Returns each row with mean 0 and variance 1 (epsilon 1e-6), times `gain [D]`, plus `bias [D]`. */
  layerNorm(x: T, gain: T, bias: T): T
  /** Returns `max(x, 0)`. */
  relu(x: T): T
  /** Returns the tanh form of GELU: `x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))`. */
  gelu(x: T): T
  /** Returns `x` with a share `rate` of entries at zero and the rest scaled up; `x` itself outside training. */
  dropout(x: T, rate: number): T
  /** Returns one row of `table [maxLength, D]` a token: row 0 for the newest event of its sequence, row 1 for the one before. */
  positions(table: T): T
  /**
   * Returns scaled dot-product attention in which a token sees itself and the older tokens of its own sequence.
   *
   * @param qkv - Shape `[N, 3 D]`: queries, keys, values side by side; head `h` uses columns `h D/H .. (h+1) D/H - 1` of each.
   * @returns Shape `[N, D]`.
   */
  causalAttention(qkv: T, numHeads: number): T
}
