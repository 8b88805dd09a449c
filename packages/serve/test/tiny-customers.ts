import { ACTIVITY_HORIZONS, type CustomerModels, type DurabilityRecord } from '@perennial/core'
import { TINY_ITEMS } from './tiny-artifact.ts'

const NOTHING: DurabilityRecord = {
  kind: 'unknown',
  decidedBy: 'nothing',
  daysSetBy: 'data',
  numBuyers: 0,
  againWithin: { 30: null, 90: null, 365: null },
  suppressDays: 0,
  suppressCategoryDays: 0,
  accessoryDays: 0,
  accessories: [],
}

/** A pan lasts 300 days, and so does all of the kitchen after it; tea is used up, soap is set to 5 days by the merchant. */
const RECORDS: Readonly<Record<string, Partial<DurabilityRecord>>> = {
  pan: { kind: 'durable', decidedBy: 'own', suppressDays: 300, suppressCategoryDays: 300 },
  tea: { kind: 'consumable', decidedBy: 'own', suppressDays: 20 },
  soap: { kind: 'consumable', decidedBy: 'own', daysSetBy: 'merchant', suppressDays: 5 },
}

/** Visits by BG/NBD alone, values of 10 on average, and {@link RECORDS}. */
export const TINY_CUSTOMERS: CustomerModels = {
  cutDay: Date.parse('2026-01-31') / 86_400_000,
  visits: {
    cadence: { meanLogGap: Math.log(20), logGapDeviation: 1 },
    bgNbd: { r: 0.5, alpha: 4, a: 0.7, b: 2, unitDays: 7, logLikelihood: 0, numCustomers: 4 },
    logStartDay: Date.parse('2026-01-05') / 86_400_000,
    activity: ACTIVITY_HORIZONS.map((horizonDays) => ({
      horizonDays,
      kind: 'bg-nbd',
      logistic: null,
      logLoss: { bgNbd: null, logistic: null },
      validationDay: 0,
    })),
  },
  gammaGamma: {
    p: 2,
    q: 3,
    v: 10,
    logLikelihood: 0,
    numCustomers: 2,
    correlation: 0,
    isIndependent: true,
  },
  durability: {
    cutDay: 0,
    items: [NOTHING, ...TINY_ITEMS.map(({ itemId }) => ({ ...NOTHING, ...RECORDS[itemId] }))],
    categories: [[], ['Drinks'], ['Drinks', 'Tea'], ['Kitchen'], ['Bath']].map((path) => ({
      ...NOTHING,
      path,
    })),
  },
  outlook: null,
  notes: ['The category outlook is not calibrated: it is tiny.'],
}
