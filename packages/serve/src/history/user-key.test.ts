import { customerKey } from '@perennial/core'
import { expect, test } from 'vitest'
import { hashEventId } from './hash-event-id.ts'
import { customerKeyOf, userKey } from './user-key.ts'

test('userKey begins with the pseudonym that training knows a user by', () => {
  for (const userId of ['C0007', 'Zoë', '', 'a'.repeat(500)]) {
    expect(customerKeyOf(userKey(userId))).toBe(customerKey(userId))
  }
  expect(userKey('C0007')).toMatch(/^[\w-]{22}$/)
})

test('hashEventId gives another integer for each of many similar ids', () => {
  const hashes = new Set<number>()
  for (let i = 0; i < 100_000; i++) hashes.add(hashEventId(`order-${i}`)).add(hashEventId(`${i}/1`))
  expect(hashes.size).toBe(200_000)
  for (const hash of hashes) {
    if (!Number.isSafeInteger(hash) || hash < 1) expect(hash).toBe('a safe integer of 1 or more')
  }
})
