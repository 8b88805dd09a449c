import { describe, expect, test } from 'vitest'
import type { CustomerModels } from '../lifecycle/customer-models.ts'
import { learnDurability } from '../lifecycle/durability.ts'
import { learnRepurchase } from '../lifecycle/repurchase-intervals.ts'
import { buildDataset } from '../testing.ts'
import { decodeCustomerModels, encodeCustomerModels } from './customers-file.ts'

const dataset = buildDataset([
  [
    [1, 0],
    [2, 9],
  ],
])
const logistic = {
  means: Float64Array.of(0.1, 2),
  deviations: Float64Array.of(1, 3),
  weights: Float64Array.of(-1 / 3, 0),
  bias: 0.5,
}
const models: CustomerModels = {
  cutDay: 10,
  visits: {
    cadence: { meanLogGap: 2.5, logGapDeviation: 0.7 },
    bgNbd: { r: 1, alpha: 2, a: 3, b: 4, unitDays: 7, logLikelihood: -5, numCustomers: 6 },
    logStartDay: 0,
    activity: ([7, 28, 90] as const).map((horizonDays) => ({
      horizonDays,
      kind: horizonDays === 7 ? 'bg-nbd' : 'logistic',
      logistic: horizonDays === 7 ? null : logistic,
      logLoss: { bgNbd: 0.2, logistic: null },
      validationDay: 10 - horizonDays,
    })),
  },
  gammaGamma: null,
  durability: learnDurability(dataset, learnRepurchase(dataset, { cutDay: 10 })),
  outlook: { levels: [{ scale: 0.5, power: 0.9 }] },
  notes: ['The expected value of visits is left out: no prices.'],
}
const about = { path: 'customers.json', numItems: 2 }
const decode = (change: object, numItems = 2): CustomerModels =>
  decodeCustomerModels(new TextEncoder().encode(JSON.stringify(change)), { ...about, numItems })

describe('encodeCustomerModels and decodeCustomerModels', () => {
  test('keep everything', () => {
    expect(decodeCustomerModels(encodeCustomerModels(models), about)).toEqual(models)
    const empty = { ...models, visits: null, durability: null, outlook: null }
    expect(decodeCustomerModels(encodeCustomerModels(empty), about)).toEqual(empty)
  })

  test.each<[string, string, () => CustomerModels]>([
    ['what is no JSON', 'JSON', () => decodeCustomerModels(Uint8Array.of(1), about)],
    ['null', "'cutDay'", () => decodeCustomerModels(new TextEncoder().encode('null'), about)],
    ['a part that is missing', "'gammaGamma'", () => decode({ ...models, gammaGamma: undefined })],
    ['another catalogue', 'durability of 3 items', () => decode(models, 3)],
    [
      'other horizons',
      '7, 28, 90 days',
      () => decode({ ...models, visits: { ...models.visits, activity: [] } }),
    ],
  ])('refuse %s', (_, part, read) => {
    expect(read).toThrow(
      expect.objectContaining({ code: 'BAD_ARTIFACT', message: expect.stringContaining(part) }),
    )
  })
})
