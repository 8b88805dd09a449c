// Vector arithmetic that the scans share. Addresses are in bytes.

/** Returns `a * b + c`, with two roundings, so that every machine finds the same. */
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  return f32x4.add(f32x4.mul(a, b), c)
}

/** Adds 8 products of signed bytes at an address and 16-bit numbers to four sums; only their total means anything. */
@inline
export function dot8(bytes: usize, numbers: v128, sums: v128): v128 {
  return i32x4.add(sums, i32x4.dot_i16x8_s(v128.load_ext<i8>(bytes), numbers))
}

/** Returns the totals of four vectors of four integers, in order. */
@inline
export function totals4i(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = i32x4.add(v128.shuffle<i32>(a, b, 0, 4, 1, 5), v128.shuffle<i32>(a, b, 2, 6, 3, 7))
  const cd = i32x4.add(v128.shuffle<i32>(c, d, 0, 4, 1, 5), v128.shuffle<i32>(c, d, 2, 6, 3, 7))
  return i32x4.add(v128.shuffle<i64>(ab, cd, 0, 2), v128.shuffle<i64>(ab, cd, 1, 3))
}

/** Returns the totals of four vectors of four floats, in order. */
@inline
export function totals4f(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<i32>(a, b, 0, 4, 1, 5), v128.shuffle<i32>(a, b, 2, 6, 3, 7))
  const cd = f32x4.add(v128.shuffle<i32>(c, d, 0, 4, 1, 5), v128.shuffle<i32>(c, d, 2, 6, 3, 7))
  return f32x4.add(v128.shuffle<i64>(ab, cd, 0, 2), v128.shuffle<i64>(ab, cd, 1, 3))
}

/** Returns the total of four floats, added in the order of {@link totals4f}. */
@inline
export function total1f(v: v128): f32 {
  return (
    f32x4.extract_lane(v, 0) +
    f32x4.extract_lane(v, 2) +
    (f32x4.extract_lane(v, 1) + f32x4.extract_lane(v, 3))
  )
}

/** Returns all ones in each of four lanes whose flag byte is not 0. */
@inline
export function flagLanes(flags: usize): v128 {
  const wide = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(flags)))
  return i32x4.ne(wide, i32x4.splat(0))
}

/** Rows that are scanned as one where any of them is flagged: to skip fewer would cost more than it saves. */
export const BLOCK: i32 = 64

/** Returns whether any of the flags of a block is not 0. */
@inline
export function hasFlag(flags: usize): bool {
  const first = v128.or(v128.load(flags), v128.load(flags, 16))
  return v128.any_true(v128.or(first, v128.or(v128.load(flags, 32), v128.load(flags, 48))))
}
