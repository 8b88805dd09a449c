import { createHash } from 'node:crypto'

/**
 * Returns the key under which stores keep a user: the first 132 bits of the SHA-256 of his id, 22 characters of
 * `base64url`. Nothing else in a store tells who he is.
 */
export function userKey(userId: string): string {
  return createHash('sha256').update(userId).digest('base64url').slice(0, 22)
}

/** Returns core's `customerKey` of the user of a key: its first 64 bits. */
export function customerKeyOf(key: string): bigint {
  return Buffer.from(key, 'base64url').readBigUInt64BE()
}
