/**
 * Returns the positions of the `k` highest scores, best first; equal scores in order of position.
 *
 * @param scores - Shape `[n]`. NaN and `-Infinity` are never selected.
 * @param from - First position considered. @defaultValue 0
 */
export function selectTopK(scores: Float32Array, k: number, from = 0): Int32Array {
  const heap = new Int32Array(k)
  let size = 0
  const worse = (a: number, b: number): boolean => {
    const difference = (scores[a] as number) - (scores[b] as number)
    return difference < 0 || (difference === 0 && a > b)
  }
  const siftDown = (start: number): void => {
    let parent = start
    const held = heap[parent] as number
    for (;;) {
      let child = 2 * parent + 1
      if (child >= size) break
      if (child + 1 < size && worse(heap[child + 1] as number, heap[child] as number)) child++
      if (!worse(heap[child] as number, held)) break
      heap[parent] = heap[child] as number
      parent = child
    }
    heap[parent] = held
  }
  for (let i = from; i < scores.length; i++) {
    const score = scores[i] as number
    if (!(score > -Infinity)) continue
    if (size < k) {
      heap[size++] = i
      if (size === k) for (let p = (k >> 1) - 1; p >= 0; p--) siftDown(p)
    } else if (k > 0 && score > (scores[heap[0] as number] as number)) {
      heap[0] = i
      siftDown(0)
    }
  }
  const result = heap.slice(0, size)
  return result.sort((a, b) => (worse(a, b) ? 1 : -1))
}
