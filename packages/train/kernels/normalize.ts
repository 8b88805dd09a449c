// Row normalisations of x [M, N] and their gradients.
import { loadLanes, madd, storeLanes, sumLanes } from './simd'

const EPSILON: f32 = 1e-6

/**
 * Writes `normal * gain + bias`, `normal` being each row with mean 0 and variance 1.
 *
 * @param normal - `[M, N]`, kept for the gradient.
 * @param inverse - `[M]`, one over each row's deviation, kept too.
 */
export function layerNorm(
  m: i32,
  n: i32,
  x: usize,
  gain: usize,
  bias: usize,
  normal: usize,
  inverse: usize,
  out: usize,
): void {
  const size = (<usize>n) << 2
  const whole = size & ~15
  const rest = n & 3
  const share: f32 = 1 / <f32>n
  for (let i = 0; i < m; i++) {
    let total = f32x4.splat(0)
    for (let j: usize = 0; j < whole; j += 16) total = f32x4.add(total, v128.load(x + j))
    if (rest) total = f32x4.add(total, loadLanes(x + whole, rest))
    const mean = f32x4.splat(sumLanes(total) * share)
    let squares = f32x4.splat(0)
    for (let j: usize = 0; j < whole; j += 16) {
      const v = f32x4.sub(v128.load(x + j), mean)
      squares = madd(v, v, squares)
    }
    for (let j = whole; j < size; j += 4) {
      const v = f32.load(x + j) - f32x4.extract_lane(mean, 0)
      squares = f32x4.add(squares, f32x4(v * v, 0, 0, 0))
    }
    const r: f32 = 1 / sqrt<f32>(sumLanes(squares) * share + EPSILON)
    f32.store(inverse + ((<usize>i) << 2), r)
    const r4 = f32x4.splat(r)
    for (let j: usize = 0; j < whole; j += 16) {
      const v = f32x4.mul(f32x4.sub(v128.load(x + j), mean), r4)
      v128.store(normal + j, v)
      v128.store(out + j, madd(v, v128.load(gain + j), v128.load(bias + j)))
    }
    if (rest) {
      const v = f32x4.mul(f32x4.sub(v128.load(x + whole), mean), r4)
      storeLanes(normal + whole, v, rest)
      storeLanes(out + whole, madd(v, v128.load(gain + whole), v128.load(bias + whole)), rest)
    }
    x += size
    normal += size
    out += size
  }
}

/** Adds the gradients of gain and bias to theirs, and writes (or adds) that of the input. */
export function layerNormGradient(
  m: i32,
  n: i32,
  dy: usize,
  normal: usize,
  inverse: usize,
  gain: usize,
  dGain: usize,
  dBias: usize,
  out: usize,
  add: bool,
): void {
  const size = (<usize>n) << 2
  const whole = size & ~15
  const share: f32 = 1 / <f32>n
  for (let i = 0; i < m; i++) {
    let first = f32x4.splat(0)
    let second = f32x4.splat(0)
    for (let j: usize = 0; j < whole; j += 16) {
      const d = v128.load(dy + j)
      const v = v128.load(normal + j)
      const w = f32x4.mul(d, v128.load(gain + j))
      first = f32x4.add(first, w)
      second = madd(w, v, second)
      v128.store(dGain + j, madd(d, v, v128.load(dGain + j)))
      v128.store(dBias + j, f32x4.add(d, v128.load(dBias + j)))
    }
    let a = sumLanes(first)
    let b = sumLanes(second)
    for (let j = whole; j < size; j += 4) {
      const d = f32.load(dy + j)
      const v = f32.load(normal + j)
      const w = d * f32.load(gain + j)
      a += w
      b += w * v
      f32.store(dGain + j, f32.load(dGain + j) + d * v)
      f32.store(dBias + j, f32.load(dBias + j) + d)
    }
    a *= share
    b *= share
    const r = f32.load(inverse + ((<usize>i) << 2))
    const a4 = f32x4.splat(a)
    const b4 = f32x4.splat(b)
    const r4 = f32x4.splat(r)
    for (let j: usize = 0; j < whole; j += 16) {
      const w = f32x4.sub(f32x4.mul(v128.load(dy + j), v128.load(gain + j)), a4)
      let g = f32x4.mul(f32x4.sub(w, f32x4.mul(v128.load(normal + j), b4)), r4)
      if (add) g = f32x4.add(g, v128.load(out + j))
      v128.store(out + j, g)
    }
    for (let j = whole; j < size; j += 4) {
      let g = (f32.load(dy + j) * f32.load(gain + j) - a - f32.load(normal + j) * b) * r
      if (add) g += f32.load(out + j)
      f32.store(out + j, g)
    }
    dy += size
    normal += size
    out += size
  }
}

/** Writes each row scaled to length `length`, and `length` over its old length to `inverse [M]`. */
export function unitRows(m: i32, n: i32, x: usize, length: f32, inverse: usize, out: usize): void {
  const size = (<usize>n) << 2
  for (let i = 0; i < m; i++) {
    let squares: f32 = 0
    for (let j: usize = 0; j < size; j += 4) squares += f32.load(x + j) * f32.load(x + j)
    const r: f32 = length / sqrt<f32>(squares + EPSILON * EPSILON)
    f32.store(inverse + ((<usize>i) << 2), r)
    for (let j: usize = 0; j < size; j += 4) f32.store(out + j, f32.load(x + j) * r)
    x += size
    out += size
  }
}

/** Writes (or adds) the gradient of unitRows from its result `y`. */
export function unitRowsGradient(
  m: i32,
  n: i32,
  dy: usize,
  y: usize,
  length: f32,
  inverse: usize,
  out: usize,
  add: bool,
): void {
  const size = (<usize>n) << 2
  const share: f32 = <f32>1 / (length * length)
  for (let i = 0; i < m; i++) {
    let along: f32 = 0
    for (let j: usize = 0; j < size; j += 4) along += f32.load(dy + j) * f32.load(y + j)
    along *= share
    const r = f32.load(inverse + ((<usize>i) << 2))
    for (let j: usize = 0; j < size; j += 4) {
      let g = (f32.load(dy + j) - along * f32.load(y + j)) * r
      if (add) g += f32.load(out + j)
      f32.store(out + j, g)
    }
    dy += size
    y += size
    out += size
  }
}
