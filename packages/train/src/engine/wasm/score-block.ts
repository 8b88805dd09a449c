/** Items scored at a time: their vectors and scores stay in the cache. */
export const ITEM_BLOCK = 1024

/** Returns the bytes that scoring one block of items wants. */
export function scoreBlockBytes(dim: number): number {
  return 4 * ITEM_BLOCK * (2 * dim + 4) + 256
}
