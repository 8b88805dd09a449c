// The best of the rows seen so far. A key holds a score above and a row below, so that comparing two keys as
// integers puts the higher score first and, of equal scores, the lower row.
//
// At `best`: int32 count, int32 wanted, int32 capacity, float32 threshold; then `capacity` keys.

const KEYS: usize = 16

@inline
function keyAddress(best: usize, i: i32): usize {
  return best + KEYS + (<usize>i << 3)
}

@inline
function keyAt(best: usize, i: i32): u64 {
  return load<u64>(keyAddress(best, i))
}

@inline
export function keyOf(score: f32, row: i32): u64 {
  // Adding 0 makes -0 and 0 equal.
  const bits = reinterpret<u32>(score + 0)
  const ordered = bits ^ (<u32>(<i32>bits >> 31) | 0x80000000)
  return (<u64>ordered << 32) | <u64>(<u32>~row)
}

@inline
function scoreOf(key: u64): f32 {
  const ordered = <u32>(key >> 32)
  return reinterpret<f32>(ordered & 0x80000000 ? ordered ^ 0x80000000 : ~ordered)
}

@inline
function rowOf(key: u64): i32 {
  return <i32>~(<u32>key)
}

/** Begins with no row; `capacity` is above `wanted`. */
export function startBest(best: usize, wanted: i32, capacity: i32): void {
  store<i32>(best, 0)
  store<i32>(best, wanted, 4)
  store<i32>(best, capacity, 8)
  store<f32>(best, -Infinity, 12)
}

@inline
export function thresholdOf(best: usize): f32 {
  return load<f32>(best, 12)
}

/** Adds four rows from `row` on whose lane of `passed` is all ones. */
@inline
export function offer4(best: usize, scores: v128, passed: v128, row: i32): void {
  const bits = i32x4.bitmask(passed)
  if (bits & 1) offer(best, f32x4.extract_lane(scores, 0), row)
  if (bits & 2) offer(best, f32x4.extract_lane(scores, 1), row + 1)
  if (bits & 4) offer(best, f32x4.extract_lane(scores, 2), row + 2)
  if (bits & 8) offer(best, f32x4.extract_lane(scores, 3), row + 3)
}

/** Adds one row. */
export function offer(best: usize, score: f32, row: i32): void {
  const count = load<i32>(best)
  store<u64>(keyAddress(best, count), keyOf(score, row))
  store<i32>(best, count + 1)
  if (count + 1 == load<i32>(best, 8)) cutBest(best, load<i32>(best, 4))
}

/** Keeps the `wanted` best in no order; only rows above the worst of them are offered from then on. */
export function cutBest(best: usize, wanted: i32): void {
  if (load<i32>(best) <= wanted) return
  if (wanted > 0) partition(best, wanted - 1)
  store<i32>(best, wanted)
  store<f32>(best, wanted > 0 ? scoreOf(keyAt(best, wanted - 1)) : Infinity, 12)
}

/** Moves the key that is `nth` from the top there, higher ones before it (Hoare's selection). */
function partition(best: usize, nth: i32): void {
  let left = 0
  let right = load<i32>(best) - 1
  while (left < right) {
    const pivot = middleOf(keyAt(best, left), keyAt(best, (left + right) >> 1), keyAt(best, right))
    let i = left
    let j = right
    while (i <= j) {
      while (keyAt(best, i) > pivot) i++
      while (keyAt(best, j) < pivot) j--
      if (i > j) break
      const held = keyAt(best, i)
      store<u64>(keyAddress(best, i++), keyAt(best, j))
      store<u64>(keyAddress(best, j--), held)
    }
    if (nth <= j) right = j
    else if (nth >= i) left = i
    else return
  }
}

@inline
function middleOf(a: u64, b: u64, c: u64): u64 {
  return max(min(a, b), min(max(a, b), c))
}

/** Orders the keys, best first, and writes their rows (int32) and scores (float32); returns how many. */
export function writeBest(best: usize, rows: usize, scores: usize): i32 {
  const count = load<i32>(best)
  for (let i = (count >> 1) - 1; i >= 0; i--) siftDown(best, i, count)
  // The worst key left is on top each time.
  for (let end = count - 1; end >= 0; end--) {
    const key = keyAt(best, 0)
    store<i32>(rows + (<usize>end << 2), rowOf(key))
    store<f32>(scores + (<usize>end << 2), scoreOf(key))
    store<u64>(keyAddress(best, 0), keyAt(best, end))
    siftDown(best, 0, end)
  }
  return count
}

function siftDown(best: usize, start: i32, count: i32): void {
  const held = keyAt(best, start)
  let parent = start
  for (;;) {
    let child = 2 * parent + 1
    if (child >= count) break
    if (child + 1 < count && keyAt(best, child + 1) < keyAt(best, child)) child++
    if (keyAt(best, child) >= held) break
    store<u64>(keyAddress(best, parent), keyAt(best, child))
    parent = child
  }
  store<u64>(keyAddress(best, parent), held)
}

@inline
export function countOf(best: usize): i32 {
  return load<i32>(best)
}

@inline
export function rowAt(best: usize, i: i32): i32 {
  return rowOf(keyAt(best, i))
}

@inline
export function setScore(best: usize, i: i32, score: f32): void {
  const at = keyAddress(best, i)
  store<u64>(at, keyOf(score, rowOf(load<u64>(at))))
}
