import type { Rng } from '@perennial/core'

/** Options of {@link createZipf}. */
export interface ZipfOptions {
  readonly rng: Rng
  /** How fast the shares fall; 0 makes all equal. @defaultValue 1 */
  readonly exponent?: number | undefined
}

/** Returns a function that draws ranks `0..numRanks-1`, rank `r` with a share of `(r + 1)^-exponent`. */
export function createZipf(numRanks: number, { rng, exponent = 1 }: ZipfOptions): () => number {
  const cumulative = new Float64Array(numRanks)
  let total = 0
  for (let rank = 0; rank < numRanks; rank++) {
    total += (rank + 1) ** -exponent
    cumulative[rank] = total
  }
  return () => {
    const point = rng.next() * total
    let low = 0
    let high = numRanks - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if ((cumulative[middle] as number) > point) high = middle
      else low = middle + 1
    }
    return low
  }
}
