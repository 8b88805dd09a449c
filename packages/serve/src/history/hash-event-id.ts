import { hash32 } from '@perennial/core'

/**
 * Hashes the id of an event to an integer of 53 bits, 1 or more.
 *
 * Stores keep the hash in place of the id, since an id may name the user (`ann/order-1`). Among the 2,000 events of a
 * full history a new id is taken for a known one once in 4,000 billion times.
 */
export function hashEventId(eventId: string): number {
  let first = 0x2545f491
  let second = 0x9e3779b9
  for (let i = 0; i < eventId.length; i++) {
    const unit = eventId.charCodeAt(i)
    first = Math.imul(first ^ unit, 0x85ebca6b)
    first ^= first >>> 15
    second = Math.imul(second ^ unit, 0xc2b2ae35)
    second ^= second >>> 13
  }
  const high = hash32(first, second, eventId.length) & 0x1fffff
  const low = hash32(second, first, eventId.length)
  return high * 0x100000000 + low || 1
}
