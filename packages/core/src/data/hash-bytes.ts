/** The value to start {@link addBytes} with. */
export const HASH_START: number = 0x811c9dc5 | 0

const FNV_PRIME = 0x01000193

/**
 * Adds the bytes `start..end - 1` to a running 32-bit hash, as FNV-1a does.
 *
 * @returns The new state; {@link finishHash} turns it into a hash.
 */
export function addBytes(
  hash: number,
  bytes: Uint8Array,
  { start, end }: { readonly start: number; readonly end: number },
): number {
  let state = hash
  for (let i = start; i < end; i++) state = Math.imul(state ^ (bytes[i] as number), FNV_PRIME)
  return state
}

/** Adds one integer to a running hash. */
export function addInteger(hash: number, value: number): number {
  return Math.imul(hash ^ value, FNV_PRIME)
}

/** Spreads the state of a running hash over all its bits, so that its lowest bits make a good slot number. */
export function finishHash(hash: number): number {
  let state = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35)
  return (state ^ (state >>> 16)) >>> 0
}

/** Says whether `length` bytes of `a` from `aStart` on equal those of `b` from `bStart` on. */
export function equalBytes(
  a: Uint8Array,
  b: Uint8Array,
  {
    aStart,
    bStart,
    length,
  }: { readonly aStart: number; readonly bStart: number; readonly length: number },
): boolean {
  for (let i = 0; i < length; i++) if (a[aStart + i] !== b[bStart + i]) return false
  return true
}
