import { hash32 } from '@perennial/core'

/** Options of {@link dropoutMask}. */
export interface DropoutMaskOptions {
  /** Share of zeros, `0..0.9`; resolved to 1/65536. */
  readonly rate: number
  readonly seed: number
  /** Which dropout of the network this is, so that each draws its own mask. */
  readonly site: number
}

/**
 * Returns a mask of `0` and `1 / (1 - rate)`.
 *
 * Drawn from a counter-seeded generator rather than a backend's own, so that every engine drops the same
 * entries and a resumed run draws what an uninterrupted one would have.
 */
export function dropoutMask(
  length: number,
  { rate, seed, site }: DropoutMaskOptions,
): Float32Array {
  const mask = new Float32Array(length)
  const threshold = Math.round(rate * 65536)
  const scale = 65536 / (65536 - threshold)
  let state = hash32(seed, site) | 1
  for (let i = 0; i < length; i += 2) {
    // xorshift32 (Marsaglia 2003): two 16-bit draws a round.
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    mask[i] = (state & 0xffff) >= threshold ? scale : 0
    mask[i + 1] = state >>> 16 >= threshold ? scale : 0
  }
  return mask
}
