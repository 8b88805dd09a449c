/** Returns the mean of the values that are not NaN; NaN when there are none. */
export function meanDefined(values: Float32Array | Float64Array): number {
  let sum = 0
  let count = 0
  for (const value of values) {
    if (Number.isNaN(value)) continue
    sum += value
    count++
  }
  return sum / count
}
