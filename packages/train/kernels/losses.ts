// Losses of a chunk of M questions. Logits turn into their gradients in place, times `share` (one over all questions).
import { exp4, log1, madd, maxLanes, sigmoid4, sumLanes } from './simd'

/** Rows past the last candidate are read as vectors, so a row of logits ends with 3 spare values. */
const NEVER: f32 = -1e30

@inline
function pad(row: usize, n: i32, value: f32): void {
  for (let j = n; j < ((n + 3) & ~3); j++) f32.store(row + (<usize>j << 2), value)
}

@inline
function largest(row: usize, n: i32): f32 {
  let top = f32x4.splat(NEVER)
  for (const end = row + (<usize>n << 2); row < end; row += 16) top = f32x4.max(top, v128.load(row))
  return maxLanes(top)
}

/** Replaces logits by `e^(logit - most)` and returns their sum. */
@inline
function exponentiate(row: usize, n: i32, most: f32): f32 {
  const m4 = f32x4.splat(most)
  let total = f32x4.splat(0)
  for (const end = row + (<usize>n << 2); row < end; row += 16) {
    const e = exp4(f32x4.sub(v128.load(row), m4))
    total = f32x4.add(total, e)
    v128.store(row, e)
  }
  return sumLanes(total)
}

@inline
function scaleRow(row: usize, n: i32, factor: f32): void {
  const f = f32x4.splat(factor)
  for (const end = row + (<usize>n << 2); row < end; row += 16)
    v128.store(row, f32x4.mul(v128.load(row), f))
}

/** Cross-entropy of each row's target among N candidates. Returns the sum over rows, in nats. */
export function softmaxLoss(
  m: i32, n: i32, logits: usize, row: usize, targets: usize, share: f32,
): f64 {
  let loss: f64 = 0
  for (let i = 0; i < m; i++) {
    const target = logits + (<usize>i32.load(targets + (<usize>i << 2)) << 2)
    const own = f32.load(target)
    pad(logits, n, NEVER)
    const most = largest(logits, n)
    const total = exponentiate(logits, n, most)
    loss += <f64>(log1(total) + most - own)
    scaleRow(logits, n, share / total)
    f32.store(target, f32.load(target) - share)
    logits += row
  }
  return loss
}

/**
 * Cross-entropy of each row's target among itself and K negatives, those equal to the target left out.
 *
 * @param positives - `[M]`: the targets' logits; their gradients afterwards.
 * @param negatives - int32; `step` bytes from one row's to the next's, 0 where all rows share them.
 * @param bias - Added to the negatives' logits, laid out as they are.
 */
export function sampledSoftmaxLoss(
  m: i32, k: i32, logits: usize, row: usize, positives: usize, targets: usize,
  negatives: usize, bias: usize, step: usize, share: f32,
): f64 {
  let loss: f64 = 0
  for (let i = 0; i < m; i++) {
    raise(logits, k, i32.load(targets + (<usize>i << 2)), negatives, bias)
    const own = f32.load(positives + (<usize>i << 2))
    const most = max(own, largest(logits, k))
    const mine = f32x4.extract_lane(exp4(f32x4.splat(own - most)), 0)
    const total = exponentiate(logits, k, most) + mine
    loss += <f64>(log1(total) + most - own)
    scaleRow(logits, k, share / total)
    f32.store(positives + (<usize>i << 2), (mine / total - 1) * share)
    logits += row
    negatives += step
    bias += step
  }
  return loss
}

/**
 * `(beta softplus(-s+) + sum_j softplus(s_j)) / (K + 1)` of each row; otherwise as {@link sampledSoftmaxLoss}.
 *
 * With `beta` 1 it is binary cross-entropy, with less it is gBCE.
 */
export function binaryLoss(
  m: i32, k: i32, logits: usize, row: usize, positives: usize, targets: usize,
  negatives: usize, bias: usize, step: usize, share: f32, beta: f32,
): f64 {
  let loss: f64 = 0
  const weight = share / <f32>(k + 1)
  const w4 = f32x4.splat(weight)
  for (let i = 0; i < m; i++) {
    raise(logits, k, i32.load(targets + (<usize>i << 2)), negatives, bias)
    let sum: f64 = 0
    for (let j = 0; j < k; j++) sum += <f64>softplus(f32.load(logits + (<usize>j << 2)))
    for (let p = logits, end = logits + (<usize>k << 2); p < end; p += 16)
      v128.store(p, f32x4.mul(sigmoid4(v128.load(p)), w4))
    const own = f32.load(positives + (<usize>i << 2))
    loss += (<f64>beta * <f64>softplus(-own) + sum) / <f64>(k + 1)
    const miss = -f32x4.extract_lane(sigmoid4(f32x4.splat(-own)), 0)
    f32.store(positives + (<usize>i << 2), miss * beta * weight)
    logits += row
    negatives += step
    bias += step
  }
  return loss
}

@inline
function softplus(x: f32): f32 {
  const e = f32x4.extract_lane(exp4(f32x4.splat(-abs(x))), 0)
  return max(x, 0) + log1(1 + e)
}

/** Adds the bias, and takes the target out of its own negatives. */
@inline
function raise(logits: usize, k: i32, target: i32, negatives: usize, bias: usize): void {
  const t4 = i32x4.splat(target)
  const never = f32x4.splat(NEVER)
  for (let p: usize = 0, end = <usize>k << 2; p < end; p += 16) {
    const raised = f32x4.add(v128.load(logits + p), v128.load(bias + p))
    v128.store(logits + p, v128.bitselect(never, raised, i32x4.eq(v128.load(negatives + p), t4)))
  }
  pad(logits, k, NEVER)
}

/** Writes the inner products of hidden row `i` with items `ids[i K .. i K + K - 1]` to row `i` of `out`. */
export function innerProducts(
  m: i32, k: i32, d: i32, hidden: usize, items: usize, ids: usize, out: usize, row: usize,
): void {
  const size = <usize>d << 2
  const whole = size & ~15
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < k; j++) {
      const item = items + <usize>i32.load(ids) * size
      let total = f32x4.splat(0)
      for (let p: usize = 0; p < whole; p += 16)
        total = madd(v128.load(hidden + p), v128.load(item + p), total)
      let product = sumLanes(total)
      for (let p = whole; p < size; p += 4) product += f32.load(hidden + p) * f32.load(item + p)
      f32.store(out + (<usize>j << 2), product)
      ids += 4
    }
    hidden += size
    out += row
  }
}

/** Adds what {@link innerProducts} passes back: to the hidden rows' gradients and to the items'. */
export function addInnerGradients(
  m: i32, k: i32, d: i32, hidden: usize, items: usize, ids: usize,
  gradients: usize, row: usize, dHidden: usize, dItems: usize,
): void {
  const size = <usize>d << 2
  const whole = size & ~15
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < k; j++) {
      const at = <usize>i32.load(ids) * size
      const item = items + at
      const to = dItems + at
      const g = f32.load(gradients + (<usize>j << 2))
      const g4 = f32x4.splat(g)
      for (let p: usize = 0; p < whole; p += 16) {
        v128.store(dHidden + p, madd(g4, v128.load(item + p), v128.load(dHidden + p)))
        v128.store(to + p, madd(g4, v128.load(hidden + p), v128.load(to + p)))
      }
      for (let p = whole; p < size; p += 4) {
        f32.store(dHidden + p, f32.load(dHidden + p) + g * f32.load(item + p))
        f32.store(to + p, f32.load(to + p) + g * f32.load(hidden + p))
      }
      ids += 4
    }
    hidden += size
    dHidden += size
    gradients += row
  }
}

/** Adds row `rows[i]` of `values`, N floats each, to logits row `i`. Up to 3 floats behind a row change with it. */
export function addRows(
  m: i32, n: i32, logits: usize, row: usize, values: usize, rows: usize,
): void {
  const size = <usize>n << 2
  for (let i = 0; i < m; i++) {
    const own = values + <usize>i32.load(rows + (<usize>i << 2)) * size
    for (let j: usize = 0; j < size; j += 16)
      v128.store(logits + j, f32x4.add(v128.load(logits + j), v128.load(own + j)))
    logits += row
  }
}

/**
 * Adds to each logit what its item has in its row's row of `values`.
 *
 * @param values - Rows of `width` floats; the row of logits `i` is `rows[i]`.
 * @param ids - int32: items of a row of K logits; `step` bytes from one row's to the next's, 0 where all rows share them.
 */
export function addPicked(
  m: i32, k: i32, logits: usize, row: usize,
  values: usize, width: i32, rows: usize, ids: usize, step: usize,
): void {
  for (let i = 0; i < m; i++) {
    const own = values + (<usize>i32.load(rows + (<usize>i << 2)) * <usize>width << 2)
    for (let j: usize = 0; j < <usize>k << 2; j += 4) {
      const value = f32.load(own + (<usize>i32.load(ids + j) << 2))
      f32.store(logits + j, f32.load(logits + j) + value)
    }
    logits += row
    ids += step
  }
}
