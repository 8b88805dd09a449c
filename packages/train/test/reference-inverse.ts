/**
 * Returns the inverse of a square matrix, row-major: Gauss-Jordan elimination in double precision, the largest pivot of each
 * column first.
 */
export function referenceInverse(matrix: Float64Array, size: number): Float64Array {
  const a = Array.from({ length: size }, (_, i): Float64Array => {
    const row = new Float64Array(2 * size)
    row.set(matrix.subarray(i * size, (i + 1) * size))
    row[size + i] = 1
    return row
  })
  const entry = (i: number, j: number): number => (a[i] as Float64Array)[j] as number
  for (let p = 0; p < size; p++) {
    let best = p
    for (let i = p; i < size; i++) if (Math.abs(entry(i, p)) > Math.abs(entry(best, p))) best = i
    const held = a[p] as Float64Array
    a[p] = (a[best] as Float64Array).map((value) => value / entry(best, p))
    if (best !== p) a[best] = held
    const pivotRow = a[p] as Float64Array
    for (let i = 0; i < size; i++) {
      const factor = entry(i, p)
      if (i === p || factor === 0) continue
      const row = a[i] as Float64Array
      for (let j = p; j < 2 * size; j++)
        row[j] = (row[j] as number) - factor * (pivotRow[j] as number)
    }
  }
  return Float64Array.from({ length: size * size }, (_, e) =>
    entry(Math.floor(e / size), size + (e % size)),
  )
}
