// Vector arithmetic that all kernels share. Addresses are in bytes, counts in elements, values float32.

/** Returns `a * b + c`; one rounding where the relaxed instruction is on. */
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c)
  return f32x4.add(f32x4.mul(a, b), c)
}

/** Returns the sum of the four lanes. */
@inline
export function sumLanes(v: v128): f32 {
  return (
    f32x4.extract_lane(v, 0) +
    f32x4.extract_lane(v, 2) +
    (f32x4.extract_lane(v, 1) + f32x4.extract_lane(v, 3))
  )
}

/** Returns the largest of the four lanes. */
@inline
export function maxLanes(v: v128): f32 {
  return max(
    max(f32x4.extract_lane(v, 0), f32x4.extract_lane(v, 2)),
    max(f32x4.extract_lane(v, 1), f32x4.extract_lane(v, 3)),
  )
}

/** Returns `v` with all lanes from `count` (1..4) on at zero. */
@inline
export function keepLanes(v: v128, count: i32): v128 {
  return v128.and(v, i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(count)))
}

/** Returns the first `count` (1..3) lanes at `address`, zeros after them. */
@inline
export function loadLanes(address: usize, count: i32): v128 {
  return keepLanes(v128.load(address), count)
}

/** Stores the first `count` (1..3) lanes. */
@inline
export function storeLanes(address: usize, v: v128, count: i32): void {
  f32.store(address, f32x4.extract_lane(v, 0))
  if (count > 1) f32.store(address, f32x4.extract_lane(v, 1), 4)
  if (count > 2) f32.store(address, f32x4.extract_lane(v, 2), 8)
}

/** Returns `e^x` to about 2 units in the last place, `x` clamped to -87..88 (Cephes' polynomial). */
@inline
export function exp4(x: v128): v128 {
  const clamped = f32x4.min(f32x4.max(x, f32x4.splat(-87)), f32x4.splat(88))
  const n = f32x4.nearest(f32x4.mul(clamped, f32x4.splat(1.44269504)))
  let r = f32x4.sub(clamped, f32x4.mul(n, f32x4.splat(0.693359375)))
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(-2.12194440e-4)))
  let y = f32x4.splat(1.9875691500e-4)
  y = madd(y, r, f32x4.splat(1.3981999507e-3))
  y = madd(y, r, f32x4.splat(8.3334519073e-3))
  y = madd(y, r, f32x4.splat(4.1665795894e-2))
  y = madd(y, r, f32x4.splat(1.6666665459e-1))
  y = madd(y, r, f32x4.splat(5.0000001201e-1))
  y = madd(f32x4.mul(y, r), r, f32x4.add(r, f32x4.splat(1)))
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23)
  return f32x4.mul(y, power)
}

/** Returns `1 / (1 + e^-x)`. */
@inline
export function sigmoid4(x: v128): v128 {
  const one = f32x4.splat(1)
  return f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(x))))
}

/** Returns `ln x` for normal `x > 0`. */
export function log1(x: f32): f32 {
  return <f32>NativeMath.log(<f64>x)
}
