import { FIRST_HALF_LIVES, ITEM_HALF_LIVES, type ItemFacts } from '../item-facts.ts'
import type { Feature } from './feature.ts'

/** An item at the time of the question. */
export interface ItemAtTime extends ItemFacts {
  readonly asOfDay: number
}

const LONG_AGO = 3000

/** What all customers together do with an item. */
export const ITEM_FEATURES: readonly Feature<ItemAtTime>[] = [
  ...ITEM_HALF_LIVES.map(
    (halfLife, n): Feature<ItemAtTime> => ({
      name: `item.popularity_${halfLife}`,
      formula: `log(1 + sum over purchases of 0.5^(age / ${halfLife}))`,
      unit: 'log purchases',
      compute: ({ decayed }) => Math.log1p(decayed[n] as number),
    }),
  ),
  {
    name: 'item.purchases',
    formula: 'log(1 + purchases)',
    unit: 'log purchases',
    compute: ({ numPurchases }) => Math.log1p(numPurchases),
  },
  {
    name: 'item.buyers',
    formula: 'log(1 + distinct buyers)',
    unit: 'log users',
    compute: ({ numBuyers }) => Math.log1p(numBuyers),
  },
  {
    name: 'item.trend_28',
    formula: 'log(1 + purchases of the last 28 days) - log(1 + purchases of the 28 days before)',
    unit: 'log ratio',
    compute: ({ sold28, soldBefore28 }) => Math.log1p(sold28) - Math.log1p(soldBefore28),
  },
  {
    name: 'item.trend_7',
    formula: 'log(1 + purchases of the last 7 days) - log(1 + purchases of the last 28 days / 4)',
    unit: 'log ratio',
    compute: ({ sold7, sold28 }) => Math.log1p(sold7) - Math.log1p(sold28 / 4),
  },
  ...FIRST_HALF_LIVES.map(
    (halfLife, n): Feature<ItemAtTime> => ({
      name: `item.first_purchases_${halfLife}`,
      formula: `log(1 + sum over first purchases by a user of 0.5^(age / ${halfLife}))`,
      unit: 'log purchases',
      compute: ({ firstDecayed }) => Math.log1p(firstDecayed[n] as number),
    }),
  ),
  {
    name: 'item.new_buyers',
    formula: 'log(1 + users who bought it for the first time within the last horizon)',
    unit: 'log users',
    compute: ({ newBuyers }) => Math.log1p(newBuyers),
  },
  {
    name: 'item.rebuy_rate',
    formula:
      'log((B + 10 g) / (V + 10) + 0.0001): V visits by owners, B those at which they bought it again, each counting half after a horizon, g the rate of all items',
    unit: 'log share',
    compute: ({ rebuyRate }) => Math.log(rebuyRate + 1e-4),
  },
  {
    name: 'item.since_last',
    formula: 'log(1 + days since anybody bought it)',
    unit: 'log days',
    compute: ({ asOfDay, lastDay }) => Math.log1p(clip(asOfDay - lastDay)),
  },
  {
    name: 'item.age',
    formula: 'log(1 + days since it was first bought)',
    unit: 'log days',
    compute: ({ asOfDay, firstDay }) => Math.log1p(clip(asOfDay - firstDay)),
  },
  {
    name: 'item.repeat_rate',
    formula: '(buyers with 2 or more purchases + 5 g) / (buyers + 5), g the share of all pairs',
    unit: 'share',
    compute: ({ repeatRate }) => repeatRate,
  },
  {
    name: 'item.mean_gap',
    formula: 'mean log gap between purchases of a user, with 10 gaps of the mean of all items',
    unit: 'log days',
    compute: ({ meanLogGap }) => meanLogGap,
  },
  {
    name: 'item.gap_deviation',
    formula: 'deviation of the log gap, shrunk likewise',
    unit: 'log days',
    compute: ({ logGapDeviation }) => logGapDeviation,
  },
  {
    name: 'item.price',
    formula: 'mean log price of its purchases',
    unit: 'log currency',
    compute: ({ meanLogPrice }) => meanLogPrice,
  },
]

function clip(days: number): number {
  return Math.min(Math.max(days, 0), LONG_AGO)
}
