import { describe, expect, test } from 'vitest'
import { dayOf } from '../src/data/baskets.ts'
import { endsBefore } from '../src/data/split-by-time.ts'
import { fitCoBasket } from '../src/lifecycle/co-basket.ts'
import { createLinkSignals } from '../src/lifecycle/link-signals.ts'
import type { Signal } from '../src/lifecycle/signal.ts'
import { neverBoughtRecall } from './never-bought-recall.ts'
import { findOnlineRetail, readOnlineRetail } from './read-online-retail.ts'

const folder = findOnlineRetail()

/** An independent implementation (numpy, all links kept) has .0893 at the same cut. */
describe.skipIf(folder === undefined)('fitCoBasket on Online Retail II', () => {
  test('ranks items never bought before as published, and little worse with the strongest links', async () => {
    const dataset = await readOnlineRetail(folder as string)
    const cutMs = Date.parse('2011-07-01')
    const ends = endsBefore(dataset.sequences, cutMs)
    const { numItems } = dataset.catalog
    const recall = (maxLinks?: number): number => {
      const options = { numItems, asOfDay: dayOf(cutMs), maxLinks }
      const coBasket = fitCoBasket(dataset.sequences, ends, options)
      const [signal] = createLinkSignals({ coBasket }) as [Signal]
      return neverBoughtRecall(dataset, cutMs, (customer) => {
        signal.turnTo(customer)
        return signal.best(10)
      }).recall
    }
    expect(Math.abs(recall(numItems) - 0.0893)).toBeLessThan(0.0002)
    expect(recall()).toBeGreaterThan(0.0893 - 0.005)
  }, 120_000)
})
