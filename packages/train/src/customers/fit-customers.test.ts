import { type CustomerModels, createRng, type Dataset } from '@perennial/core'
import { buildDataset } from '@perennial/core/testing'
import { describe, expect, test } from 'vitest'
import { lifecycleDataset, TEST_DAY } from '../../test/lifecycle-dataset.ts'
import { fitCustomers } from './fit-customers.ts'

const outlook = { value: { levels: [{ scale: 0.5, power: 1 }] } }

/** 60 customers who come at a rate of their own; what a visit costs is drawn, or rises with how often they come. */
function pricedShop(costs: 'drawn' | 'by rate'): Dataset {
  const rng = createRng(5)
  const users = Array.from({ length: 60 }, (_, u) => {
    const gap = 5 + u
    return Array.from({ length: Math.floor(280 / gap) }, (_, i) => [1, gap * i + (u % 5)] as const)
  })
  const dataset = buildDataset(users)
  const prices = users.flatMap((visits, u) => {
    const price = costs === 'drawn' ? 5 + 10 * rng.next() : 100 / (5 + u)
    return visits.map(() => price * (0.8 + 0.4 * rng.next()))
  })
  return { ...dataset, sequences: { ...dataset.sequences, prices: Float32Array.from(prices) } }
}

const learn = (dataset: Dataset, cutDay: number, change: object = {}): Promise<CustomerModels> =>
  fitCustomers(dataset, { cutDay, outlook, ...change })

describe('fitCustomers', () => {
  test('learns all parts where the data holds them', async () => {
    const models = await learn(pricedShop('drawn'), 250)
    expect(models).toMatchObject({ cutDay: 250, outlook: outlook.value, notes: [] })
    expect(models.visits?.activity.map(({ horizonDays }) => horizonDays)).toEqual([7, 28, 90])
    expect(models.visits?.activity.map(({ validationDay }) => validationDay)).toEqual([
      243, 222, 160,
    ])
    expect(models.visits?.logStartDay).toBe(0)
    // Prices lie evenly between 5 and 15.
    const { p, q, v } = models.gammaGamma as NonNullable<typeof models.gammaGamma>
    expect((p * v) / (q - 1)).toBeGreaterThan(8)
    expect((p * v) / (q - 1)).toBeLessThan(12)
    expect(models.durability?.items[1]?.kind).toBe('consumable')
  })

  test('expects no value where frequency and value go together', async () => {
    const { gammaGamma, notes } = await learn(pricedShop('by rate'), 250)
    expect(gammaGamma).toBeNull()
    expect(notes).toEqual([
      expect.stringMatching(
        /^The expected value of visits is left out: how often .* a correlation of 1\.00, which .*\.$/,
      ),
    ])
  })

  test('says what is missing where nobody came twice', async () => {
    const users = Array.from({ length: 200 }, (_, u) => [[1 + (u % 3), u] as const])
    const models = await learn(buildDataset(users), 250)
    expect(models).toMatchObject({ visits: null, gammaGamma: null })
    expect(models.notes).toEqual([
      expect.stringMatching(/^Stages, .* are left out: expected .*, got 0 repeat visits .*[^.]\.$/),
      'The expected value of visits is left out: there are no models of visits.',
    ])
    expect(models.durability?.items).toHaveLength(4)
    expect(JSON.parse(JSON.stringify(models))).toEqual(models)
  })

  test('says so where prices are not known, and where the outlook is not calibrated', async () => {
    const note = 'there was too little data'
    const models = await learn(lifecycleDataset(), TEST_DAY, { outlook: { value: null, note } })
    expect(models.visits).not.toBeNull()
    expect(models.notes).toEqual([
      expect.stringMatching(/^The expected value of visits is left out: expected two or more/),
      'The category outlook is not calibrated: there was too little data.',
    ])
  })

  test('takes the word of the merchant', async () => {
    const durabilityOverrides = [{ itemId: 'i1', kind: 'durable', suppressDays: 44 }] as const
    const { durability } = await learn(pricedShop('drawn'), 250, { durabilityOverrides })
    expect(durability?.items[1]).toMatchObject({
      kind: 'durable',
      decidedBy: 'merchant',
      suppressDays: 44,
    })
  })

  test('learns nothing of visits and durables without real times', async () => {
    const models = await learn({ ...lifecycleDataset(), timeKind: 'ordinal' }, TEST_DAY)
    expect(models).toMatchObject({ visits: null, gammaGamma: null, durability: null })
    expect(models.notes).toHaveLength(3)
  })

  test('learns nothing from the cut on', async () => {
    const later = lifecycleDataset((u) => [[1 + (u % 20), 200]])
    expect(await learn(later, TEST_DAY)).toEqual(await learn(lifecycleDataset(), TEST_DAY))
  })

  test('stops when told to', async () => {
    const signal = AbortSignal.abort()
    await expect(learn(lifecycleDataset(), TEST_DAY, { signal })).rejects.toMatchObject({
      code: 'ABORTED',
    })
  })
})
