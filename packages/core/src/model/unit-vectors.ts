/**
 * Returns a copy of a table with each row at length 1, but for rows of zeros, which point nowhere.
 *
 * @param table - Shape `[numRows, dim]`.
 */
export function unitVectors(table: Float32Array, dim: number): Float32Array {
  const units = table.slice()
  for (let start = 0; start < units.length; start += dim) {
    const row = units.subarray(start, start + dim)
    const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0))
    if (length > 0) row.set(row.map((value) => value / length))
  }
  return units
}
