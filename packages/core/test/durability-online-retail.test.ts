import { beforeAll, describe, expect, test } from 'vitest'
import { dayOf } from '../src/data/baskets.ts'
import { DAY_MS } from '../src/data/columns.ts'
import type { Dataset } from '../src/data/dataset.ts'
import { endsBefore } from '../src/data/split-by-time.ts'
import { learnDurability } from '../src/lifecycle/durability.ts'
import { probabilityAgain } from '../src/lifecycle/repurchase-curve.ts'
import { learnRepurchase } from '../src/lifecycle/repurchase-intervals.ts'
import { lastingPurchases, suppressedItems } from '../src/lifecycle/suppression.ts'
import { findOnlineRetail, readOnlineRetail } from './read-online-retail.ts'

const folder = findOnlineRetail()

describe.skipIf(folder === undefined)('Online Retail II (set PERENNIAL_DATA where missing)', () => {
  let dataset: Dataset

  beforeAll(async () => {
    dataset = await readOnlineRetail(folder as string)
  }, 120_000)

  /**
   * The curve is that of an average day of the past. A log of one year that ends before Christmas expects of December's
   * gifts what spring's goods did; half a year later it is right.
   */
  test.each([
    { cut: '2010-12-01', predicted: [0.1757, 0.2677], bought: [0.1028, 0.1516] },
    { cut: '2011-03-01', predicted: [0.1511, 0.2307], bought: [0.1244, 0.1865] },
    { cut: '2011-06-01', predicted: [0.1488, 0.2195], bought: [0.1484, 0.2218] },
  ])(
    'predicts $predicted and finds $bought bought again in 90 and 180 days after $cut',
    (known) => {
      const cutDay = dayOf(Date.parse(known.cut))
      const { items } = learnRepurchase(dataset, { cutDay })
      for (const [n, days] of [90, 180].entries()) {
        const { all, low, high } = compare(dataset, { cutDay, days }, (itemRow) => {
          return probabilityAgain(items, itemRow, days)?.probability as number
        })
        expect(all.predicted / all.count).toBeCloseTo(known.predicted[n] as number, 3)
        expect(all.bought / all.count).toBeCloseTo(known.bought[n] as number, 3)
        // What is predicted to be bought again more often is, whatever the season.
        expect(high.bought / high.count).toBeGreaterThan(1.3 * (low.bought / low.count))
      }
    },
  )

  test('finds mostly consumables in a wholesale shop', () => {
    const cutDay = dayOf(Date.parse('2011-12-10'))
    const intervals = learnRepurchase(dataset, { cutDay })
    const { items } = learnDurability(dataset, intervals)
    const count = (kind: string, decidedBy: string): number =>
      items.slice(1).filter((item) => item.kind === kind && item.decidedBy === decidedBy).length
    expect(count('consumable', 'own')).toBe(2292)
    expect(count('durable', 'own')).toBe(12)
    expect(count('unknown', 'own')).toBe(978)
    // Fewer than 20 buyers, and no category to ask.
    expect(count('unknown', 'nothing')).toBe(1337)
    const kindOf = (itemId: string) => items[dataset.catalog.rowOf(itemId) as number]?.kind
    // A bag that most shops order again, and a wrap with a Christmas village, which few do.
    expect(kindOf('85099B')).toBe('consumable')
    expect(kindOf('22959')).toBe('durable')
  })

  test('takes little away that is bought within four weeks, which days after consumables would', () => {
    const cutDay = dayOf(Date.parse('2011-11-11'))
    const intervals = learnRepurchase(dataset, { cutDay })
    const known = { durability: learnDurability(dataset, intervals), tree: intervals.tree }
    const { sequences } = dataset
    const ends = endsBefore(sequences, cutDay * DAY_MS)
    const windowEnds = endsBefore(sequences, (cutDay + 28) * DAY_MS)
    const lost = { targets: 0, repeats: 0, afterAll: 0, afterLasting: 0 }
    for (let u = 0; u < sequences.numUsers; u++) {
      const [start, end] = [sequences.offsets[u] as number, ends[u] as number]
      const itemRows = sequences.itemRows.subarray(start, end)
      const days = Int32Array.from(sequences.timestampMs.subarray(start, end), dayOf)
      const purchases = { itemRows, days }
      const all = suppressedItems(purchases, cutDay, known)
      const lasting = suppressedItems(lastingPurchases(purchases, known.durability), cutDay, known)
      const own = new Set(itemRows)
      if (own.size === 0) continue
      for (const itemRow of new Set(sequences.itemRows.subarray(end, windowEnds[u]))) {
        lost.targets++
        if (own.has(itemRow)) lost.repeats++
        lost.afterAll += all[itemRow] as number
        lost.afterLasting += lasting[itemRow] as number
      }
    }
    // Three in ten repeats if consumables counted, three in ten thousand targets as it is.
    expect(lost).toEqual({ targets: 46_801, repeats: 21_530, afterAll: 6503, afterLasting: 13 })
  })
})

/** First purchases of a user and item in a window, predicted and bought again. */
interface Sums {
  count: number
  predicted: number
  bought: number
}

/** Sums over first purchases within 60 days from the cut: all, and those predicted below .2 and from .3 on. */
function compare(
  { sequences }: Dataset,
  { cutDay, days }: { readonly cutDay: number; readonly days: number },
  predict: (itemRow: number) => number,
): { readonly all: Sums; readonly low: Sums; readonly high: Sums } {
  const sums = (): Sums => ({ count: 0, predicted: 0, bought: 0 })
  const result = { all: sums(), low: sums(), high: sums() }
  const { offsets, itemRows, timestampMs } = sequences
  for (let user = 0; user < sequences.numUsers; user++) {
    const firsts = new Map<number, { readonly first: number; second?: number }>()
    for (let i = offsets[user] as number; i < (offsets[user + 1] as number); i++) {
      const day = dayOf(timestampMs[i] as number)
      const known = firsts.get(itemRows[i] as number)
      if (known === undefined) firsts.set(itemRows[i] as number, { first: day })
      else if (day > known.first) known.second ??= day
    }
    for (const [itemRow, { first, second = Infinity }] of firsts) {
      if (first < cutDay || first >= cutDay + 60) continue
      const predicted = predict(itemRow)
      const parts = [result.all]
      if (predicted < 0.2) parts.push(result.low)
      if (predicted >= 0.3) parts.push(result.high)
      for (const part of parts) {
        part.count++
        part.predicted += predicted
        if (second - first <= days) part.bought++
      }
    }
  }
  return result
}
