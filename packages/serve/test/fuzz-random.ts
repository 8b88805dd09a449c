import { createRng } from '@perennial/core'

/** Random choices that repeat with their seed. */
export interface RandomGenerator {
  /** A number within `[0, 1)`. */
  next(): number
  /** An integer within `[min, max]`. */
  integer(min: number, max: number): number
  /** One of `values`, which are not empty. */
  pick<T>(values: readonly T[]): T
}

/** Creates a generator of random choices. */
export function createFuzzRandom(seed: number): RandomGenerator {
  const { next, nextInt } = createRng(seed)
  return {
    next,
    integer: (min, max) => min + nextInt(max - min + 1),
    pick: <T>(values: readonly T[]) => values[nextInt(values.length)] as T,
  }
}
