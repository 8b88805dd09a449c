// Causal attention of one sequence and head: rows of q, k, v lie `row` bytes apart, those of the output `outRow`.

import { matMul, transpose } from './matmul'
import { exp4, keepLanes, maxLanes, sigmoid4, sumLanes } from './simd'

/** Rows of queries a step; their scores stay in the first cache. */
const STEP: i32 = 4

@inline
function roundUp(n: i32): i32 {
  return (n + 3) & ~3
}

@inline
function clear(address: usize, from: i32, to: i32): void {
  for (let j = from; j < to; j++) f32.store(address + (<usize>j << 2), 0)
}

/**
 * Writes softmax(q k^T scale) v over a token and those before it.
 *
 * @param shares - `[L, L rounded up to 4]`: the softmax, kept for the gradient.
 * @param scratch - `(D + 1) (L rounded up + 8)` values.
 */
export function attention(
  l: i32, d: i32, q: usize, k: usize, v: usize, row: usize, scale: f32,
  shares: usize, scratch: usize, out: usize, outRow: usize,
): void {
  const width = roundUp(l)
  const wide = (<usize>width + 8) << 2
  const shareRow = <usize>width << 2
  transpose(l, d, k, row, scratch, wide)
  const s4 = f32x4.splat(scale)
  for (let i0 = 0; i0 < l; i0 += STEP) {
    const rows = min(STEP, l - i0)
    const seen = i0 + rows
    const tile = shares + <usize>i0 * shareRow
    matMul(rows, seen, d, q + <usize>i0 * row, row, 4, scratch, wide, tile, shareRow, 0, false)
    for (let r = 0; r < rows; r++) {
      const at = tile + <usize>r * shareRow
      const n = i0 + r + 1
      const end = at + (<usize>roundUp(n) << 2)
      const last = end - 16
      const lanes = ((n - 1) & 3) + 1
      let top = f32x4.splat(-Infinity)
      for (let p = at; p < last; p += 16) top = f32x4.max(top, v128.load(p))
      let most = n > 4 ? maxLanes(top) : -Infinity
      for (let j = 0; j < lanes; j++) most = max(most, f32.load(last + (<usize>j << 2)))
      const m4 = f32x4.splat(most)
      let total = f32x4.splat(0)
      for (let p = at; p < last; p += 16) {
        const e = exp4(f32x4.mul(f32x4.sub(v128.load(p), m4), s4))
        total = f32x4.add(total, e)
        v128.store(p, e)
      }
      const e = keepLanes(exp4(f32x4.mul(f32x4.sub(v128.load(last), m4), s4)), lanes)
      total = f32x4.add(total, e)
      v128.store(last, e)
      const inverse = f32x4.splat(1 / sumLanes(total))
      for (let p = at; p < end; p += 16) v128.store(p, f32x4.mul(v128.load(p), inverse))
      clear(at, roundUp(n), width)
    }
    matMul(rows, d, seen, tile, shareRow, 4, v, row, out + <usize>i0 * outRow, outRow, 0, false)
  }
}

/**
 * Writes the gradients of q, k and v (rows `row` bytes apart as they are).
 *
 * @param scratch - `(D + L + 4) (L rounded up + 8)` values.
 */
export function attentionGradient(
  l: i32, d: i32, q: usize, k: usize, v: usize, row: usize, scale: f32,
  shares: usize, scratch: usize, dOut: usize, outRow: usize, dq: usize, dk: usize, dv: usize,
): void {
  const width = roundUp(l)
  const wide = (<usize>width + 8) << 2
  const shareRow = <usize>width << 2
  const dScores = scratch + <usize>d * wide
  transpose(l, d, v, row, scratch, wide)
  const s4 = f32x4.splat(scale)
  for (let i0 = 0; i0 < l; i0 += STEP) {
    const rows = min(STEP, l - i0)
    const seen = i0 + rows
    const tile = dScores + <usize>i0 * shareRow
    matMul(rows, seen, d, dOut + <usize>i0 * outRow, outRow, 4, scratch, wide, tile, shareRow, 0, false)
    for (let r = 0; r < rows; r++) {
      const at = tile + <usize>r * shareRow
      const from = shares + <usize>(i0 + r) * shareRow
      const n = i0 + r + 1
      const size = <usize>roundUp(n) << 2
      clear(at, n, width)
      let along = f32x4.splat(0)
      for (let p: usize = 0; p < size; p += 16)
        along = f32x4.add(along, f32x4.mul(v128.load(at + p), v128.load(from + p)))
      const mean = f32x4.splat(sumLanes(along))
      for (let p: usize = 0; p < size; p += 16) {
        const g = f32x4.mul(f32x4.sub(v128.load(at + p), mean), v128.load(from + p))
        v128.store(at + p, f32x4.mul(g, s4))
      }
    }
  }
  backProject(l, d, q, k, row, dScores, shareRow, dq, dk)
  for (let j0 = 0; j0 < l; j0 += STEP) {
    const first = <usize>j0 * shareRow + (<usize>j0 << 2)
    matMul(min(STEP, l - j0), d, l - j0, shares + first, 4, shareRow, dOut + <usize>j0 * outRow, outRow,
      dv + <usize>j0 * row, row, 0, false)
  }
}

/** Writes `dScores k` to dq and `dScores^T q` to dk, both over the causal half only. */
function backProject(
  l: i32, d: i32, q: usize, k: usize, row: usize, dScores: usize, shareRow: usize, dq: usize, dk: usize,
): void {
  for (let i0 = 0; i0 < l; i0 += STEP) {
    const rows = min(STEP, l - i0)
    matMul(rows, d, i0 + rows, dScores + <usize>i0 * shareRow, shareRow, 4, k, row,
      dq + <usize>i0 * row, row, 0, false)
  }
  for (let j0 = 0; j0 < l; j0 += STEP) {
    const first = <usize>j0 * shareRow + (<usize>j0 << 2)
    matMul(min(STEP, l - j0), d, l - j0, dScores + first, 4, shareRow, q + <usize>j0 * row, row,
      dk + <usize>j0 * row, row, 0, false)
  }
}

/**
 * Writes `silu(q k^T + position[i - j] + time[bucket(i, j)]) factor v` over a token and those before it.
 *
 * @param scores - `[L, L rounded up to 4]`: what silu is taken of, kept for the gradient.
 * @param buckets - int32, laid out as the scores.
 * @param scratch - `(D + 4) (L rounded up + 8)` values.
 */
export function pointwiseAttention(
  l: i32, d: i32, q: usize, k: usize, v: usize, row: usize, factor: f32, position: usize,
  time: usize, buckets: usize, scores: usize, scratch: usize, out: usize, outRow: usize,
): void {
  const width = roundUp(l)
  const wide = (<usize>width + 8) << 2
  const shareRow = <usize>width << 2
  const weights = scratch + <usize>d * wide
  transpose(l, d, k, row, scratch, wide)
  for (let i0 = 0; i0 < l; i0 += STEP) {
    const rows = min(STEP, l - i0)
    const seen = i0 + rows
    const tile = scores + <usize>i0 * shareRow
    matMul(rows, seen, d, q + <usize>i0 * row, row, 4, scratch, wide, tile, shareRow, 0, false)
    for (let r = 0; r < rows; r++) {
      const at = tile + <usize>r * shareRow
      const to = weights + <usize>r * shareRow
      const bucket = buckets + <usize>(i0 + r) * shareRow
      const n = i0 + r + 1
      for (let j = 0; j < n; j++) {
        const p = <usize>j << 2
        const bias = f32.load(position + (<usize>(n - 1 - j) << 2)) +
          f32.load(time + (<usize>i32.load(bucket + p) << 2))
        f32.store(at + p, f32.load(at + p) + bias)
      }
      const end = <usize>roundUp(n) << 2
      for (let p: usize = 0; p < end; p += 16) {
        const s = v128.load(at + p)
        v128.store(to + p, f32x4.mul(f32x4.mul(s, sigmoid4(s)), f32x4.splat(factor)))
      }
      clear(to, n, width)
    }
    matMul(rows, d, seen, weights, shareRow, 4, v, row, out + <usize>i0 * outRow, outRow, 0, false)
  }
}

/**
 * Writes the gradients of q, k and v, and adds those of the two tables to theirs.
 *
 * @param scratch - `(D + 2 L + 4) (L rounded up + 8)` values.
 */
export function pointwiseAttentionGradient(
  l: i32, d: i32, q: usize, k: usize, v: usize, row: usize, factor: f32, buckets: usize,
  scores: usize, scratch: usize, dOut: usize, outRow: usize, dq: usize, dk: usize, dv: usize,
  dPosition: usize, dTime: usize,
): void {
  const width = roundUp(l)
  const wide = (<usize>width + 8) << 2
  const shareRow = <usize>width << 2
  const dScores = scratch + <usize>d * wide
  const weights = dScores + <usize>(l + 4) * shareRow
  const f4 = f32x4.splat(factor)
  const one = f32x4.splat(1)
  transpose(l, d, v, row, scratch, wide)
  for (let i0 = 0; i0 < l; i0 += STEP) {
    const rows = min(STEP, l - i0)
    const tile = dScores + <usize>i0 * shareRow
    matMul(rows, i0 + rows, d, dOut + <usize>i0 * outRow, outRow, 4, scratch, wide, tile, shareRow, 0, false)
    for (let r = 0; r < rows; r++) {
      const offset = <usize>(i0 + r) * shareRow
      const at = dScores + offset
      const to = weights + offset
      const n = i0 + r + 1
      const end = <usize>roundUp(n) << 2
      for (let p: usize = 0; p < end; p += 16) {
        const s = v128.load(scores + offset + p)
        const gate = sigmoid4(s)
        const slope = f32x4.mul(gate, f32x4.add(one, f32x4.mul(s, f32x4.sub(one, gate))))
        v128.store(at + p, f32x4.mul(f32x4.mul(v128.load(at + p), slope), f4))
        v128.store(to + p, f32x4.mul(f32x4.mul(s, gate), f4))
      }
      clear(at, n, width)
      clear(to, n, width)
      for (let j = 0; j < n; j++) {
        const p = <usize>j << 2
        const g = f32.load(at + p)
        const near = dPosition + (<usize>(n - 1 - j) << 2)
        f32.store(near, f32.load(near) + g)
        const bucket = dTime + (<usize>i32.load(buckets + offset + p) << 2)
        f32.store(bucket, f32.load(bucket) + g)
      }
    }
  }
  backProject(l, d, q, k, row, dScores, shareRow, dq, dk)
  for (let j0 = 0; j0 < l; j0 += STEP) {
    const first = <usize>j0 * shareRow + (<usize>j0 << 2)
    matMul(min(STEP, l - j0), d, l - j0, weights + first, 4, shareRow, dOut + <usize>j0 * outRow, outRow,
      dv + <usize>j0 * row, row, 0, false)
  }
}
