// C [M, N] = or += A [M, K] . B [K, N], in tiles of 4 rows by 8 columns that stay in registers.
// A is read through two strides, so A and its transpose are the same kernel.
import { madd, storeLanes } from './simd'

/** Rows and depth of one pass: a block of A (64 x 256) and a panel of B (256 x 8) stay in the first cache. */
const ROWS: i32 = 64
const DEPTH: i32 = 256

@inline
function put(address: usize, v: v128, lanes: i32): void {
  if (lanes >= 4) v128.store(address, v)
  else storeLanes(address, v, lanes)
}

function tile4x8(
  depth: i32, a: usize, aRow: usize, aStep: usize, b: usize, bRow: usize,
  c: usize, cRow: usize, bias: usize, add: bool, lanes: i32,
): void {
  let a1 = a + aRow
  let a2 = a1 + aRow
  let a3 = a2 + aRow
  const c1 = c + cRow
  const c2 = c1 + cRow
  const c3 = c2 + cRow
  let s00 = f32x4.splat(0), s01 = f32x4.splat(0)
  if (bias != 0) {
    s00 = v128.load(bias)
    s01 = v128.load(bias, 16)
  }
  let s10 = s00, s11 = s01, s20 = s00, s21 = s01, s30 = s00, s31 = s01
  if (add) {
    s00 = v128.load(c)
    s01 = v128.load(c, 16)
    s10 = v128.load(c1)
    s11 = v128.load(c1, 16)
    s20 = v128.load(c2)
    s21 = v128.load(c2, 16)
    s30 = v128.load(c3)
    s31 = v128.load(c3, 16)
  }
  for (let k = depth; k > 0; k--) {
    const b0 = v128.load(b)
    const b1 = v128.load(b, 16)
    const v0 = v128.load32_splat(a)
    s00 = madd(v0, b0, s00)
    s01 = madd(v0, b1, s01)
    const v1 = v128.load32_splat(a1)
    s10 = madd(v1, b0, s10)
    s11 = madd(v1, b1, s11)
    const v2 = v128.load32_splat(a2)
    s20 = madd(v2, b0, s20)
    s21 = madd(v2, b1, s21)
    const v3 = v128.load32_splat(a3)
    s30 = madd(v3, b0, s30)
    s31 = madd(v3, b1, s31)
    a += aStep
    a1 += aStep
    a2 += aStep
    a3 += aStep
    b += bRow
  }
  if (lanes >= 8) {
    v128.store(c, s00)
    v128.store(c, s01, 16)
    v128.store(c1, s10)
    v128.store(c1, s11, 16)
    v128.store(c2, s20)
    v128.store(c2, s21, 16)
    v128.store(c3, s30)
    v128.store(c3, s31, 16)
    return
  }
  put(c, s00, lanes)
  put(c1, s10, lanes)
  put(c2, s20, lanes)
  put(c3, s30, lanes)
  if (lanes > 4) {
    put(c + 16, s01, lanes - 4)
    put(c1 + 16, s11, lanes - 4)
    put(c2 + 16, s21, lanes - 4)
    put(c3 + 16, s31, lanes - 4)
  }
}

/** As tile4x8 for the last 1 to 4 columns, at half the work. */
function tile4x4(
  depth: i32, a: usize, aRow: usize, aStep: usize, b: usize, bRow: usize,
  c: usize, cRow: usize, bias: usize, add: bool, lanes: i32,
): void {
  let a1 = a + aRow
  let a2 = a1 + aRow
  let a3 = a2 + aRow
  const c1 = c + cRow
  const c2 = c1 + cRow
  const c3 = c2 + cRow
  let s0 = f32x4.splat(0)
  if (bias != 0) s0 = v128.load(bias)
  let s1 = s0, s2 = s0, s3 = s0
  if (add) {
    s0 = v128.load(c)
    s1 = v128.load(c1)
    s2 = v128.load(c2)
    s3 = v128.load(c3)
  }
  for (let k = depth; k > 0; k--) {
    const b0 = v128.load(b)
    s0 = madd(v128.load32_splat(a), b0, s0)
    s1 = madd(v128.load32_splat(a1), b0, s1)
    s2 = madd(v128.load32_splat(a2), b0, s2)
    s3 = madd(v128.load32_splat(a3), b0, s3)
    a += aStep
    a1 += aStep
    a2 += aStep
    a3 += aStep
    b += bRow
  }
  put(c, s0, lanes)
  put(c1, s1, lanes)
  put(c2, s2, lanes)
  put(c3, s3, lanes)
}

function tile1x8(
  depth: i32, a: usize, aStep: usize, b: usize, bRow: usize,
  c: usize, bias: usize, add: bool, lanes: i32,
): void {
  let s0 = f32x4.splat(0), s1 = f32x4.splat(0)
  if (bias != 0) {
    s0 = v128.load(bias)
    s1 = v128.load(bias, 16)
  }
  if (add) {
    s0 = v128.load(c)
    s1 = v128.load(c, 16)
  }
  for (let k = depth; k > 0; k--) {
    const v = v128.load32_splat(a)
    s0 = madd(v, v128.load(b), s0)
    s1 = madd(v, v128.load(b, 16), s1)
    a += aStep
    b += bRow
  }
  put(c, s0, min(lanes, 4))
  if (lanes > 4) put(c + 16, s1, min(lanes - 4, 4))
}

/**
 * Multiplies matrices. Reads up to 28 bytes behind the last row of B, C and bias, so buffers end with 32 spare bytes.
 *
 * @param aRow - Bytes from a row of A to the next; with `aStep`, bytes from a column to the next.
 * @param bias - Address of `[N]` values that C begins with, or 0.
 * @param add - Whether C is added to; then `bias` does not count.
 */
export function matMul(
  m: i32, n: i32, k: i32, a: usize, aRow: usize, aStep: usize, b: usize, bRow: usize,
  c: usize, cRow: usize, bias: usize, add: bool,
): void {
  for (let k0 = 0; k0 < k; k0 += DEPTH) {
    const depth = min(DEPTH, k - k0)
    const more = add || k0 > 0
    const ak = a + <usize>k0 * aStep
    const bk = b + <usize>k0 * bRow
    for (let m0 = 0; m0 < m; m0 += ROWS) {
      const end = min(m, m0 + ROWS)
      for (let j = 0; j < n; j += 8) {
        const column = <usize>j << 2
        const lanes = n - j
        const start: usize = bias == 0 ? 0 : bias + column
        let i = m0
        if (lanes <= 4) {
          for (; i + 4 <= end; i += 4) {
            tile4x4(depth, ak + <usize>i * aRow, aRow, aStep, bk + column, bRow,
              c + <usize>i * cRow + column, cRow, start, more, lanes)
          }
        }
        for (; i + 4 <= end; i += 4) {
          tile4x8(depth, ak + <usize>i * aRow, aRow, aStep, bk + column, bRow,
            c + <usize>i * cRow + column, cRow, start, more, lanes)
        }
        for (; i < end; i++) {
          tile1x8(depth, ak + <usize>i * aRow, aStep, bk + column, bRow,
            c + <usize>i * cRow + column, start, more, lanes)
        }
      }
    }
  }
}

/** Writes the transpose of A `[R, C]` to B `[C, R]`. */
export function transpose(r: i32, c: i32, a: usize, aRow: usize, b: usize, bRow: usize): void {
  let i = 0
  for (; i + 4 <= r; i += 4) {
    const row = a + <usize>i * aRow
    const to = b + (<usize>i << 2)
    for (let j = 0; j < c; j++) {
      const from = row + (<usize>j << 2)
      const v = f32x4(
        f32.load(from), f32.load(from + aRow), f32.load(from + 2 * aRow), f32.load(from + 3 * aRow),
      )
      v128.store(to + <usize>j * bRow, v)
    }
  }
  for (; i < r; i++) {
    const row = a + <usize>i * aRow
    const to = b + (<usize>i << 2)
    for (let j = 0; j < c; j++) f32.store(to + <usize>j * bRow, f32.load(row + (<usize>j << 2)))
  }
}

/** Adds the column sums of A `[M, N]` to `sums [N]`. */
export function addColumnSums(m: i32, n: i32, a: usize, aRow: usize, sums: usize): void {
  for (let i = 0; i < m; i++) {
    let j = 0
    for (; j + 4 <= n; j += 4) {
      const at = <usize>j << 2
      v128.store(sums + at, f32x4.add(v128.load(sums + at), v128.load(a + at)))
    }
    for (; j < n; j++) {
      const at = <usize>j << 2
      f32.store(sums + at, f32.load(sums + at) + f32.load(a + at))
    }
    a += aRow
  }
}
