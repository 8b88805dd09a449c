// Vectors as they are. A segment of C rows (a multiple of 64), S the vector length rounded up to 4:
// vectors [C, S] float32; flags [C], 0 where there is no item.
import { offer4, thresholdOf } from './best'
import { BLOCK, flagLanes, hasFlag, madd, total1f, totals4f } from './simd'

/** Offers the rows of a segment whose flag is not 0; `query` is `[S]` with zeros at its end. */
export function scanFloat32(
  base: usize, capacity: i32, width: i32, flags: usize, query: usize, row: i32, best: usize,
): void {
  const wide = <usize>width << 2
  for (let block = 0; block < capacity; block += BLOCK) {
    if (!hasFlag(flags + <usize>block)) continue
    for (let i = block; i < block + BLOCK; i += 4) {
      let at = base + <usize>i * wide
      const end = at + wide
      let a = f32x4.splat(0)
      let b = f32x4.splat(0)
      let c = f32x4.splat(0)
      let d = f32x4.splat(0)
      let q = query
      for (; at < end; at += 16, q += 16) {
        const part = v128.load(q)
        a = madd(v128.load(at), part, a)
        b = madd(v128.load(at + wide), part, b)
        c = madd(v128.load(at + 2 * wide), part, c)
        d = madd(v128.load(at + 3 * wide), part, d)
      }
      const scores = totals4f(a, b, c, d)
      const above = f32x4.gt(scores, f32x4.splat(thresholdOf(best)))
      if (!v128.any_true(above)) continue
      const passed = v128.and(above, flagLanes(flags + <usize>i))
      if (v128.any_true(passed)) offer4(best, scores, passed, row + i)
    }
  }
}

/** Returns the inner product of row `i` with a query, bit for bit as a scan finds it. */
export function scoreFloat32(base: usize, width: i32, i: i32, query: usize): f32 {
  const wide = <usize>width << 2
  let at = base + <usize>i * wide
  let sum = f32x4.splat(0)
  for (const end = at + wide; at < end; at += 16, query += 16)
    sum = madd(v128.load(at), v128.load(query), sum)
  return total1f(sum)
}
