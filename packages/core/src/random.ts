/**
 * Mixes integers into one 32-bit hash (murmur3 finalizer over a running state).
 *
 * A random choice made from `hash32(seed, purpose, step)` needs no generator state, so a resumed run
 * draws what an uninterrupted run would have drawn.
 * Test vector: `hash32(1, 2, 3)` is `0xacebdd74`.
 */
export function hash32(...values: readonly number[]): number {
  let state = 0x9e3779b9
  for (const value of values) {
    state = Math.imul(state ^ (value | 0), 0x85ebca6b)
    state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35)
    state ^= state >>> 16
  }
  return state >>> 0
}

/** A seeded generator of random numbers. */
export interface Rng {
  /** Returns the next integer, uniform over `0..2^32-1`. */
  nextUint32(): number
  /** Returns the next number, uniform over `[0, 1)`. */
  next(): number
  /** Returns the next integer, uniform over `0..limit-1`. */
  nextInt(limit: number): number
  /** Returns the next draw of the standard normal distribution. */
  nextNormal(): number
}

/**
 * Creates a generator (sfc32) whose stream is fixed by `seed` and `streams`.
 *
 * @param seed - Any integer.
 * @param streams - Further integers, to draw independent streams from one seed.
 */
export function createRng(seed: number, ...streams: readonly number[]): Rng {
  let a = hash32(seed, 1, ...streams)
  let b = hash32(seed, 2, ...streams)
  let c = hash32(seed, 3, ...streams)
  let counter = 1
  const nextUint32 = (): number => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return sum >>> 0
  }
  for (let i = 0; i < 12; i++) nextUint32()
  const next = (): number => nextUint32() / 4294967296
  return {
    nextUint32,
    next,
    nextInt: (limit) => Math.floor(next() * limit),
    nextNormal: () => {
      const radius = Math.sqrt(-2 * Math.log(1 - next()))
      return radius * Math.cos(2 * Math.PI * next())
    },
  }
}

/** Shuffles `values` in place (Fisher-Yates) and returns it. */
export function shuffle<T extends Int32Array | unknown[]>(values: T, rng: Rng): T {
  for (let i = values.length - 1; i > 0; i--) {
    const j = rng.nextInt(i + 1)
    const held = values[i]
    values[i] = values[j] as (typeof values)[number]
    values[j] = held as (typeof values)[number]
  }
  return values
}
