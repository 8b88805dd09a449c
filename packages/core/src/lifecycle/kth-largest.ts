/**
 * Returns the `k`-th largest of the first `length` values, and orders them so that no larger one follows it.
 *
 * Takes time by `length` on average, where a sort or a heap of many takes longer.
 *
 * @param values - Without NaN.
 * @param k - Between 1 and `length`.
 */
export function kthLargest(values: Float32Array, length: number, k: number): number {
  const target = k - 1
  let low = 0
  let high = length - 1
  while (low < high) {
    const pivot = values[(low + high) >> 1] as number
    let i = low
    let j = high
    while (i <= j) {
      while ((values[i] as number) > pivot) i++
      while ((values[j] as number) < pivot) j--
      if (i > j) break
      const held = values[i] as number
      values[i++] = values[j] as number
      values[j--] = held
    }
    // Those from j + 1 to i - 1 equal the pivot.
    if (target <= j) high = j
    else if (target >= i) low = i
    else break
  }
  return values[target] as number
}
