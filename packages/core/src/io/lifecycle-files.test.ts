import { describe, expect, test } from 'vitest'
import { runAtOnce } from '../run-in-slices.ts'
import { decodeLinks, encodeLinks } from './links-file.ts'
import { customerKey, decodePurchases, encodePurchases, type Purchases } from './purchases-file.ts'

const purchases: Purchases = {
  userKeys: BigUint64Array.of(customerKey('ann'), customerKey('bob')),
  userRows: Int32Array.of(0, 1, 0),
  itemRows: Int32Array.of(2, 1, 2),
  days: Int32Array.of(10, 10, 12),
  prices: Float32Array.of(1.5, Number.NaN, 2),
}
const about = { path: 'artifact/purchases.arrow', numItems: 2 }

describe('purchases.arrow', () => {
  test('keeps everything, and no id', () => {
    const files = encodePurchases(purchases)
    expect(runAtOnce(decodePurchases(files, about))).toEqual(purchases)
    for (const bytes of Object.values(files))
      expect(Buffer.from(bytes).includes(Buffer.from('ann'))).toBe(false)
    expect(customerKey('ann')).not.toBe(customerKey('bob'))
  })

  test.each([
    ['an item of another catalogue', { itemRows: Int32Array.of(2, 3, 2) }, 'row 1'],
    ['a user without a key', { userRows: Int32Array.of(0, 2, 0) }, 'row 1'],
    ['days out of order', { days: Int32Array.of(10, 9, 12) }, 'in order of their day'],
  ])('refuses %s', (_, change, message) => {
    const files = encodePurchases({ ...purchases, ...change })
    expect(() => runAtOnce(decodePurchases(files, about))).toThrow(
      expect.objectContaining({ code: 'BAD_ARTIFACT', message: expect.stringContaining(message) }),
    )
  })
})

describe('links files', () => {
  const links = {
    numItems: 3,
    offsets: Int32Array.of(0, 0, 2, 2, 3),
    itemRows: Int32Array.of(2, 3, 1),
    weights: Float32Array.of(0.5, -0.25, 1),
  }

  test('keep everything', () => {
    const work = decodeLinks(encodeLinks(links), { path: 'ease.arrow', numItems: 3 })
    expect(runAtOnce(work)).toEqual(links)
  })

  test('are refused when they link items that are not there', () => {
    const work = decodeLinks(encodeLinks(links), { path: 'ease.arrow', numItems: 2 })
    expect(() => runAtOnce(work)).toThrow(
      expect.objectContaining({
        code: 'BAD_ARTIFACT',
        message: expect.stringContaining('ease.arrow'),
      }),
    )
  })
})
