// Operations on n values at a time, four by four: buffers end with spare bytes for the last step.
// `add` says whether the result is added to what stands in `out`.
import { exp4, madd, sigmoid4 } from './simd'

@inline
function put(address: usize, v: v128, add: bool): void {
  v128.store(address, add ? f32x4.add(v128.load(address), v) : v)
}

@inline
function endOf(start: usize, n: i32): usize {
  return start + (<usize>n << 2)
}

/** Writes `a + b`. */
export function sum(n: i32, a: usize, b: usize, out: usize): void {
  for (const end = endOf(out, n); out < end; out += 16, a += 16, b += 16)
    v128.store(out, f32x4.add(v128.load(a), v128.load(b)))
}

/** Writes `a [M, N] + row [N]` to each row. */
export function sumRow(m: i32, n: i32, a: usize, row: usize, out: usize): void {
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      const at = <usize>(i * n + j) << 2
      f32.store(out + at, f32.load(a + at) + f32.load(row + (<usize>j << 2)))
    }
  }
}

/** Writes `x factor`. */
export function scale(n: i32, x: usize, factor: f32, out: usize, add: bool): void {
  const f = f32x4.splat(factor)
  for (const end = endOf(out, n); out < end; out += 16, x += 16)
    put(out, f32x4.mul(v128.load(x), f), add)
}

/** Writes `a b`. */
export function product(n: i32, a: usize, b: usize, out: usize, add: bool): void {
  for (const end = endOf(out, n); out < end; out += 16, a += 16, b += 16)
    put(out, f32x4.mul(v128.load(a), v128.load(b)), add)
}

/** Writes `max(x, 0)`. */
export function relu(n: i32, x: usize, out: usize): void {
  const zero = f32x4.splat(0)
  for (const end = endOf(out, n); out < end; out += 16, x += 16)
    v128.store(out, f32x4.max(v128.load(x), zero))
}

/** Writes the gradient of relu from its result `y`. */
export function reluGradient(n: i32, y: usize, dy: usize, out: usize, add: bool): void {
  const zero = f32x4.splat(0)
  for (const end = endOf(out, n); out < end; out += 16, y += 16, dy += 16)
    put(out, v128.and(v128.load(dy), f32x4.gt(v128.load(y), zero)), add)
}

/** Writes `1 / (1 + e^-x)`. */
export function sigmoid(n: i32, x: usize, out: usize): void {
  for (const end = endOf(out, n); out < end; out += 16, x += 16)
    v128.store(out, sigmoid4(v128.load(x)))
}

/** Writes the gradient of sigmoid from its result `y`. */
export function sigmoidGradient(n: i32, y: usize, dy: usize, out: usize, add: bool): void {
  const one = f32x4.splat(1)
  for (const end = endOf(out, n); out < end; out += 16, y += 16, dy += 16) {
    const v = v128.load(y)
    put(out, f32x4.mul(v128.load(dy), f32x4.mul(v, f32x4.sub(one, v))), add)
  }
}

/** Writes `x sigmoid(x)`. */
export function silu(n: i32, x: usize, out: usize): void {
  for (const end = endOf(out, n); out < end; out += 16, x += 16) {
    const v = v128.load(x)
    v128.store(out, f32x4.mul(v, sigmoid4(v)))
  }
}

/** Writes the gradient of silu from its input `x`. */
export function siluGradient(n: i32, x: usize, dy: usize, out: usize, add: bool): void {
  const one = f32x4.splat(1)
  for (const end = endOf(out, n); out < end; out += 16, x += 16, dy += 16) {
    const v = v128.load(x)
    const s = sigmoid4(v)
    const slope = f32x4.mul(s, madd(v, f32x4.sub(one, s), one))
    put(out, f32x4.mul(v128.load(dy), slope), add)
  }
}

const GELU_SCALE: f32 = 0.7978845608028654
const GELU_CUBE: f32 = 0.044715

// tanh(z) = 2 sigmoid(2 z) - 1, so x/2 (1 + tanh(z)) = x sigmoid(2 z).
@inline
function geluGate(v: v128, square: v128): v128 {
  const inner = madd(square, f32x4.splat(2 * GELU_SCALE * GELU_CUBE), f32x4.splat(2 * GELU_SCALE))
  return sigmoid4(f32x4.mul(v, inner))
}

/** Writes the tanh form of GELU. */
export function gelu(n: i32, x: usize, out: usize): void {
  for (const end = endOf(out, n); out < end; out += 16, x += 16) {
    const v = v128.load(x)
    v128.store(out, f32x4.mul(v, geluGate(v, f32x4.mul(v, v))))
  }
}

/** Writes the gradient of gelu from its input `x`. */
export function geluGradient(n: i32, x: usize, dy: usize, out: usize, add: bool): void {
  const one = f32x4.splat(1)
  for (const end = endOf(out, n); out < end; out += 16, x += 16, dy += 16) {
    const v = v128.load(x)
    const square = f32x4.mul(v, v)
    const s = geluGate(v, square)
    const inner = madd(square, f32x4.splat(6 * GELU_SCALE * GELU_CUBE), f32x4.splat(2 * GELU_SCALE))
    const slope = f32x4.mul(s, madd(f32x4.mul(v, inner), f32x4.sub(one, s), one))
    put(out, f32x4.mul(v128.load(dy), slope), add)
  }
}

@inline
function hash4(x: v128): v128 {
  x = v128.xor(x, i32x4.shr_u(x, 16))
  x = i32x4.mul(x, i32x4.splat(0x7feb352d))
  x = v128.xor(x, i32x4.shr_u(x, 15))
  x = i32x4.mul(x, i32x4.splat(0x846ca68b))
  return v128.xor(x, i32x4.shr_u(x, 16))
}

/**
 * Writes `x` times a random mask.
 *
 * The mask of value `counter + i` is a hash of that and the seed, so the backward pass makes it again.
 *
 * @param threshold - Share dropped, times 2^32.
 */
export function dropout(
  n: i32, x: usize, out: usize, add: bool,
  counter: i32, seed: i32, threshold: u32, factor: f32,
): void {
  const f = f32x4.splat(factor)
  const s = i32x4.splat(seed)
  const limit = i32x4.splat(threshold)
  let c = i32x4.add(i32x4.splat(counter), i32x4(0, 1, 2, 3))
  for (const end = endOf(out, n); out < end; out += 16, x += 16) {
    const h = hash4(v128.xor(i32x4.mul(c, i32x4.splat(0x9e3779b9)), s))
    put(out, v128.and(f32x4.mul(v128.load(x), f), i32x4.ge_u(h, limit)), add)
    c = i32x4.add(c, i32x4.splat(4))
  }
}

/** Writes row `keys[i]` of `table [., N]` to row `i` of `out [M, N]`. */
export function lookup(m: i32, n: i32, table: usize, keys: usize, out: usize): void {
  const size = <usize>n << 2
  for (let i = 0; i < m; i++) {
    memory.copy(out, table + <usize>i32.load(keys + (<usize>i << 2)) * size, size)
    out += size
  }
}

/** Adds row `i` of `rows [M, N]` to row `keys[i]` of `table`. */
export function addToRows(m: i32, n: i32, rows: usize, keys: usize, table: usize): void {
  const size = <usize>n << 2
  for (let i = 0; i < m; i++) {
    const to = table + <usize>i32.load(keys + (<usize>i << 2)) * size
    let j: usize = 0
    for (; j + 16 <= size; j += 16)
      v128.store(to + j, f32x4.add(v128.load(to + j), v128.load(rows + j)))
    for (; j < size; j += 4) f32.store(to + j, f32.load(to + j) + f32.load(rows + j))
    rows += size
  }
}
