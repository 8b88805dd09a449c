import { describe, expect, test } from 'vitest'
import { DAY_MS } from '../data/columns.ts'
import { describeCustomer } from './customer.ts'
import type { ItemLinks } from './item-links.ts'
import { createLinkSignals } from './link-signals.ts'
import type { Signal } from './signal.ts'

/** From 1 to 2 and 3, from 2 to 1 and 4. */
const links: ItemLinks = {
  numItems: 4,
  offsets: Int32Array.of(0, 0, 2, 4, 4, 4),
  itemRows: Int32Array.of(2, 3, 1, 4),
  weights: Float32Array.of(0.5, 0.25, 0.125, -0.5),
}

/** Bought item 1 on day 0 and item 2 on day 90, asked on day 180. */
const customer = describeCustomer({
  itemRows: Int32Array.of(1, 2),
  timestampMs: Float64Array.of(0, 90 * DAY_MS),
  quantities: Float32Array.of(1, 1),
  asOfMs: 180 * DAY_MS,
})

describe('createLinkSignals', () => {
  test('makes signals of the tables given', () => {
    const names = (signals: readonly Signal[]): string[] => signals.map(({ name }) => name)
    expect(names(createLinkSignals({}))).toEqual([])
    expect(names(createLinkSignals({ coBasket: links }))).toEqual(['co_basket'])
    expect(names(createLinkSignals({ ease: links }))).toEqual(['ease', 'ease_recent'])
  })

  test('weighs own items by their recency, in all 1, or alike', () => {
    const values = createLinkSignals({ coBasket: links, ease: links }).map((signal) => {
      signal.turnTo(customer)
      return [1, 2, 3, 4].map((itemRow) => signal.valueOf(itemRow))
    })
    // A quarter and a half, so a third and two thirds.
    const recent = [(2 / 3) * 0.125, (1 / 3) * 0.5, (1 / 3) * 0.25, 0]
    const owned = [0.125, 0.5, 0.25, 0]
    const log = (scores: number[]): number[] =>
      scores.map((score) => expect.closeTo(Math.log(score + 1e-4), 6))
    expect(values).toEqual([log(recent), log(owned), log(recent)])
  })

  test('brings the best items that the customer does not own, and forgets the one before', () => {
    const [signal] = createLinkSignals({ coBasket: links }) as [Signal]
    signal.turnTo(customer)
    expect([...signal.best(1)]).toEqual([3])
    expect([...signal.best(9)]).toEqual([3, 4])
    signal.turnTo({ ...customer, own: new Map() })
    expect([...signal.best(9)]).toEqual([])
    expect(signal.valueOf(3)).toBeCloseTo(Math.log(1e-4), 6)
  })
})
