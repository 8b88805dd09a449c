// Vectors in 12 bits a number: `scale (16 high + low)`, high a signed byte, low -8..7. A scan reads the high bytes
// only; what it finds is scored again with all bits.
//
// A segment of C rows (a multiple of 64), S the vector length rounded up to 16:
// high [C, S] int8; low [C, S / 2], two numbers a byte; scale [C] float32; flags [C], 0 where there is no item.
import { countOf, cutBest, offer, offer4, rowAt, setScore, thresholdOf } from './best'
import { BLOCK, dot8, flagLanes, hasFlag, madd, total1f, totals4i } from './simd'

/** Largest value of `16 high + low`. */
const MAX_VALUE: f32 = 2039

@inline
function lowOf(base: usize, capacity: i32, width: i32): usize {
  return base + <usize>capacity * <usize>width
}

@inline
function scaleOf(base: usize, capacity: i32, width: i32): usize {
  return base + <usize>capacity * <usize>(width + (width >> 1))
}

/**
 * Offers the rows of a segment whose flag is not 0.
 *
 * @param query - `[S]` int16; see {@link packQuery}.
 * @param row - Item row of the segment's first.
 */
export function scanInt8(
  base: usize, capacity: i32, width: i32, flags: usize, query: usize, row: i32, best: usize,
): void {
  const scale = scaleOf(base, capacity, width)
  const wide = <usize>width
  for (let block = 0; block < capacity; block += BLOCK) {
    if (!hasFlag(flags + <usize>block)) continue
    for (let i = block; i < block + BLOCK; i += 4) {
      let at = base + <usize>i * wide
      const end = at + wide
      let a = i32x4.splat(0)
      let b = i32x4.splat(0)
      let c = i32x4.splat(0)
      let d = i32x4.splat(0)
      let q = query
      for (; at < end; at += 8, q += 16) {
        const part = v128.load(q)
        a = dot8(at, part, a)
        b = dot8(at + wide, part, b)
        c = dot8(at + 2 * wide, part, c)
        d = dot8(at + 3 * wide, part, d)
      }
      const products = f32x4.convert_i32x4_s(totals4i(a, b, c, d))
      const scores = f32x4.mul(products, v128.load(scale + (<usize>i << 2)))
      const above = f32x4.gt(scores, f32x4.splat(thresholdOf(best)))
      if (!v128.any_true(above)) continue
      const passed = v128.and(above, flagLanes(flags + <usize>i))
      if (v128.any_true(passed)) offer4(best, scores, passed, row + i)
    }
  }
}

/** Returns eight values of `16 high + low` from eight bytes each of high and of low (0..15). */
@inline
function valuesOf(high: v128, low: v128): v128 {
  return i16x8.sub(i16x8.add(i16x8.shl(high, 4), low), i16x8.splat(8))
}

/** Returns the inner product of row `i` with a query of floats `[S]`, zeros at its end. */
export function scoreInt8(base: usize, capacity: i32, width: i32, i: i32, query: usize): f32 {
  const wide = <usize>width
  let high = base + <usize>i * wide
  let low = lowOf(base, capacity, width) + <usize>i * (wide >> 1)
  const end = high + wide
  let x = f32x4.splat(0)
  let y = f32x4.splat(0)
  for (; high < end; high += 16, low += 8, query += 64) {
    const h = v128.load(high)
    const l = i16x8.extend_low_i8x16_u(v128.load64_zero(low))
    const first = valuesOf(i16x8.extend_low_i8x16_s(h), v128.and(l, i16x8.splat(15)))
    const second = valuesOf(i16x8.extend_high_i8x16_s(h), i16x8.shr_u(l, 4))
    x = madd(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(first)), v128.load(query), x)
    y = madd(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(first)), v128.load(query, 16), y)
    x = madd(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(second)), v128.load(query, 32), x)
    y = madd(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(second)), v128.load(query, 48), y)
  }
  return total1f(f32x4.add(x, y)) * load<f32>(scaleOf(base, capacity, width) + (<usize>i << 2))
}

/** Offers the rows of a segment whose flag is not 0, scored with all bits; `query` is floats. */
export function scanInt8Exactly(
  base: usize, capacity: i32, width: i32, flags: usize, query: usize, row: i32, best: usize,
): void {
  for (let i = 0; i < capacity; i++) {
    if (load<u8>(flags + <usize>i) == 0) continue
    const score = scoreInt8(base, capacity, width, i, query)
    if (score > thresholdOf(best)) offer(best, score, row + i)
  }
}

/**
 * Scores the kept rows with all bits and keeps the `wanted` best of them.
 *
 * @param segments - Addresses of all segments, each of `1 << shift` rows.
 */
export function rescoreInt8(
  segments: usize, shift: i32, width: i32, query: usize, wanted: i32, best: usize,
): void {
  const capacity = 1 << shift
  const count = countOf(best)
  for (let n = 0; n < count; n++) {
    const position = rowAt(best, n) - 1
    const base = <usize>load<u32>(segments + (<usize>(position >> shift) << 2))
    setScore(best, n, scoreInt8(base, capacity, width, position & (capacity - 1), query))
  }
  cutBest(best, wanted)
}

/** Stores `count` rows of floats from `rows` on as rows `i..` of a segment. */
export function storeInt8(
  base: usize, capacity: i32, width: i32, i: i32, rows: usize, dim: i32, count: i32,
): void {
  for (const end = i + count; i < end; i++, rows += <usize>dim << 2)
    storeRow(base, capacity, width, i, rows, dim)
}

function storeRow(base: usize, capacity: i32, width: i32, i: i32, from: usize, dim: i32): void {
  let most: f32 = 0
  for (let d = 0; d < dim; d++) most = max(most, abs(load<f32>(from + (<usize>d << 2))))
  const inverse = most > 0 ? MAX_VALUE / most : 0
  const high = base + <usize>i * <usize>width
  const low = lowOf(base, capacity, width) + <usize>i * <usize>(width >> 1)
  for (let block = 0; block < width; block += 16) {
    for (let j = block; j < block + 8; j++) {
      const first = valueAt(from, j, dim, inverse)
      const second = valueAt(from, j + 8, dim, inverse)
      const firstHigh = (first + 8) >> 4
      const secondHigh = (second + 8) >> 4
      store<i8>(high + <usize>j, <i8>firstHigh)
      store<i8>(high + <usize>j, <i8>secondHigh, 8)
      const nibbles = ((first + 8) & 15) | (((second + 8) & 15) << 4)
      store<u8>(low + <usize>((block >> 1) + (j - block)), <u8>nibbles)
    }
  }
  store<f32>(scaleOf(base, capacity, width) + (<usize>i << 2), most / MAX_VALUE)
}

@inline
function valueAt(from: usize, d: i32, dim: i32, inverse: f32): i32 {
  return d < dim ? <i32>nearest(load<f32>(from + (<usize>d << 2)) * inverse) : 0
}

/** Writes row `i` as floats `[dim]`. */
export function readInt8(
  base: usize, capacity: i32, width: i32, i: i32, to: usize, dim: i32,
): void {
  const high = base + <usize>i * <usize>width
  const low = lowOf(base, capacity, width) + <usize>i * <usize>(width >> 1)
  const scale = load<f32>(scaleOf(base, capacity, width) + (<usize>i << 2))
  for (let d = 0; d < dim; d++) {
    const pair = load<u8>(low + <usize>(((d >> 4) << 3) + (d & 7)))
    const nibble = (d & 8 ? pair >> 4 : pair & 15) as i32
    const value = (<i32>load<i8>(high + <usize>d) << 4) + nibble - 8
    store<f32>(to + (<usize>d << 2), <f32>value * scale)
  }
}

/** Writes a query of floats `[width]` as int16, as exactly as lets its product with 127s stay within 32 bits. */
export function packQuery(query: usize, width: i32, numbers: usize): void {
  let most: f32 = 0
  for (let d = 0; d < width; d++) most = max(most, abs(load<f32>(query + (<usize>d << 2))))
  const limit = <f32>min(32767, i32.MAX_VALUE / (128 * width))
  const inverse: f32 = most > 0 ? limit / most : 0
  for (let d = 0; d < width; d++) {
    const value = load<f32>(query + (<usize>d << 2)) * inverse
    store<i16>(numbers + (<usize>d << 1), <i16>nearest(value))
  }
}
