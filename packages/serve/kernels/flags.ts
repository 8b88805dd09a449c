// Flags: one byte a row, 0 where it is left out. Counts of flags are multiples of 16.

/** Clears the flags of `flags` whose flag in `others` is 0. */
export function keepFlags(flags: usize, others: usize, count: i32): void {
  for (let i = 0; i < count; i += 16) {
    const both = v128.and(isSet(flags + <usize>i), isSet(others + <usize>i))
    v128.store(flags + <usize>i, both)
  }
}

@inline
function isSet(flags: usize): v128 {
  return i8x16.ne(v128.load(flags), i8x16.splat(0))
}

/** Returns the position of the first of `count` floats that is not finite, or -1. */
export function findNotFinite(values: usize, count: i32): i32 {
  // A number times 0 is 0, and anything else is not a number, which stays one in a sum.
  let sum = f32x4.splat(0)
  const even = count & ~3
  for (let i = 0; i < even; i += 4)
    sum = f32x4.add(sum, f32x4.mul(v128.load(values + (<usize>i << 2)), f32x4.splat(0)))
  const isFiniteSoFar = v128.all_true<i32>(f32x4.eq(sum, sum))
  for (let i = isFiniteSoFar ? even : 0; i < count; i++)
    if (!isFinite(load<f32>(values + (<usize>i << 2)))) return i
  return -1
}
