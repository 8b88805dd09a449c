/** Positions of which as many are put in order as are asked for. */
export interface LazyOrder {
  readonly length: number
  /** Returns the position at place `i`, 0 for the highest value; `i` within `0..length - 1`. */
  at(i: number): number
}

/**
 * Orders positions by value, the highest first, equals by popularity, then item row: a heap, since a list of ten out of hundreds needs the
 * first few only.
 *
 * @param positions - Taken over and changed.
 * @param values - By position, without NaN.
 * @param itemRows - By position.
 * @param popularity - By item row. @defaultValue all alike
 */
export function createLazyOrder(
  positions: Int32Array,
  {
    values,
    itemRows,
    popularity,
  }: {
    readonly values: Float64Array
    readonly itemRows: Int32Array
    readonly popularity?: Float32Array | undefined
  },
): LazyOrder {
  const { length } = positions
  const ordered: number[] = []
  let size = length
  const isBefore = (a: number, b: number): boolean => {
    const difference = (values[a] as number) - (values[b] as number)
    if (difference !== 0) return difference > 0
    const [rowA, rowB] = [itemRows[a] as number, itemRows[b] as number]
    const lead = (popularity?.[rowA] ?? 0) - (popularity?.[rowB] ?? 0)
    return lead > 0 || (lead === 0 && rowA < rowB)
  }
  const siftDown = (start: number): void => {
    let parent = start
    const held = positions[parent] as number
    for (;;) {
      let child = 2 * parent + 1
      if (child >= size) break
      const other = child + 1
      if (other < size && isBefore(positions[other] as number, positions[child] as number))
        child = other
      if (!isBefore(positions[child] as number, held)) break
      positions[parent] = positions[child] as number
      parent = child
    }
    positions[parent] = held
  }
  for (let p = (size >> 1) - 1; p >= 0; p--) siftDown(p)
  return {
    length,
    at(i) {
      while (ordered.length <= i) {
        ordered.push(positions[0] as number)
        size--
        positions[0] = positions[size] as number
        siftDown(0)
      }
      return ordered[i] as number
    },
  }
}
