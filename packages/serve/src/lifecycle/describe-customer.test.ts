import {
  countVisitsOf,
  dayOf,
  expectedVisits,
  type VisitModels,
  visitProbability,
} from '@perennial/core'
import { describe, expect, test } from 'vitest'
import { writeLifecycleArtifact } from '../../test/lifecycle-artifact.ts'
import { writeTinyArtifact } from '../../test/tiny-artifact.ts'
import { TINY_CUSTOMERS } from '../../test/tiny-customers.ts'
import type { CustomerDescription, DescribeCustomerRequest } from '../customer-description.ts'
import type { HistoryEvent } from '../recommendation.ts'
import { Recommender } from '../recommender.ts'

const asOf = '2026-02-01T12:00:00.000Z'
const bought = (itemId: string, day: string, quantity = 1): HistoryEvent => ({
  itemId,
  timestamp: `${day}T09:00:00Z`,
  quantity,
})
/** Twenty days between visits, thirteen since; tea costs 5 and milk 2, a hat is unknown. */
const history = [
  bought('tea', '2025-12-10'),
  bought('tea', '2025-12-30', 3),
  bought('milk', '2025-12-30'),
  bought('hat', '2026-01-19'),
]
const { bgNbd } = TINY_CUSTOMERS.visits as VisitModels

async function ask(
  request: DescribeCustomerRequest,
  artifact: Parameters<typeof writeLifecycleArtifact>[0] = { customers: TINY_CUSTOMERS },
): Promise<CustomerDescription> {
  const recommender = await Recommender.load(await writeLifecycleArtifact(artifact))
  try {
    return await recommender.describeCustomer(request)
  } finally {
    await recommender.close()
  }
}

describe('Recommender.describeCustomer', () => {
  test('tells stage, expected visits and value, and the probability to buy', async () => {
    const described = await ask({ history, asOf })
    const day = dayOf(Date.parse(asOf))
    const counts = countVisitsOf(Int32Array.of(day - 53, day - 33, day - 13), { cutDay: day })
    const visits = expectedVisits(bgNbd, counts, 28)[0] as number
    const within = (days: number): number => visitProbability(bgNbd, counts, days)[0] as number
    expect(described).toMatchObject({ asOf, visits: 3, daysSinceLastVisit: 13, stage: 'active' })
    // Both gaps are the shop's 20 days.
    expect(described.typicalGapDays).toBeCloseTo(20, 8)
    // One repeat visit of known value: 3 teas and a milk, 17. E[M] = p (v + x m) / (p x + q - 1).
    expect(described.expected).toEqual({
      visits: expect.closeTo(visits, 10),
      value: expect.closeTo(visits * ((2 * (10 + 17)) / (2 * 1 + 3 - 1)), 10),
    })
    expect(described.buys).toEqual({
      within7Days: within(7),
      within28Days: within(28),
      within90Days: within(90),
    })
    expect(described.history).toEqual({ later: 0, unknownItemIds: ['hat'] })
    expect(described.notes).toEqual(TINY_CUSTOMERS.notes)
  })

  test('adds up the probabilities of all candidates by category, and lists repeats', async () => {
    const { categories, repeats } = await ask({ history, asOf })
    // Every candidate comes at once or never, half and half. Candidates: tea and milk, his own; pan and soap.
    expect(categories).toMatchObject({ path: [], probability: expect.closeTo(1 - 0.5 ** 4, 6) })
    const drinks = categories?.children.find(({ path }) => path[0] === 'Drinks')
    expect(drinks).toEqual({
      path: ['Drinks'],
      probability: expect.closeTo(0.75, 6),
      children: [{ path: ['Drinks', 'Tea'], probability: expect.closeTo(0.5, 6), children: [] }],
    })
    const forecast = {
      within7Days: 0.5,
      within28Days: 0.5,
      within90Days: 0.5,
      expected: { earlyDays: 0.5, medianDays: 1, lateDays: 1.5 },
    }
    expect(repeats).toEqual([
      { itemId: 'tea', title: 'Green tea', price: 5, timesBought: 2, daysSinceLast: 33, forecast },
      { itemId: 'milk', title: 'Milk', price: 2, timesBought: 1, daysSinceLast: 33, forecast },
    ])
    expect((await ask({ history, asOf, maxRepeats: 1 })).repeats).toHaveLength(1)
  })

  test('calibrates the categories where that was learned', async () => {
    const levels = [0.5, 0.5, 0.5].map((scale) => ({ scale, power: 1 }))
    const customers = { ...TINY_CUSTOMERS, outlook: { levels } }
    const { categories } = await ask({ history, asOf }, { customers })
    expect(categories?.probability).toBeCloseTo(1 - 0.5 ** (4 / 2), 6)
  })

  test('knows recorded purchases of a user, and none after asOf', async () => {
    const recommender = await Recommender.load(
      await writeLifecycleArtifact({ customers: TINY_CUSTOMERS }),
    )
    await recommender.recordEvents(
      [...history, bought('pan', '2026-02-03')].map((event) => ({
        userId: 'eve',
        ...event,
      })),
    )
    const known = await recommender.describeCustomer({ userId: 'eve', asOf })
    expect(known.history.later).toBe(1)
    const { stage, expected, buys, visits } = await recommender.describeCustomer({ history, asOf })
    expect(known).toMatchObject({ stage, expected, buys, visits })
    await recommender.close()
    await expect(recommender.describeCustomer({ userId: 'eve' })).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
    })
  })

  test('on a day with a visit it looks ahead from the next day', async () => {
    const today = [...history, bought('tea', '2026-02-01')]
    const described = await ask({ history: today, asOf })
    expect(described).toMatchObject({ visits: 4, daysSinceLastVisit: 0, stage: 'active' })
    const tomorrow = await ask({ history: today, asOf: '2026-02-02T00:00:00Z' })
    expect(described.buys).toEqual(tomorrow.buys)
  })

  test('says what it cannot tell', async () => {
    const nobody = await ask({ userId: 'nobody', asOf })
    expect(nobody).toEqual({
      modelVersion: nobody.modelVersion,
      asOf,
      visits: 0,
      history: { later: 0, unknownItemIds: [] },
      notes: [...TINY_CUSTOMERS.notes, expect.stringMatching(/^Nothing is expected /)],
    })
    const strange = await ask({ history: [bought('hat', '2026-01-30')], asOf })
    expect(strange).toMatchObject({ visits: 1, stage: 'new' })
    expect(strange.categories).toBeUndefined()
    expect(strange.notes.at(-1)).toMatch(/knows none of the items/)
    const byRule = { ranking: 'popularity', ranker: false, customers: TINY_CUSTOMERS } as const
    const ruled = await ask({ history, asOf }, byRule)
    expect(ruled.stage).toBe('active')
    expect(ruled.repeats).toBeUndefined()
    expect(ruled.notes.at(-1)).toMatch(/too little data/)
    const old = await ask({ history, asOf }, {})
    expect(old).toMatchObject({ visits: 3, repeats: [{ itemId: 'tea' }, { itemId: 'milk' }] })
    expect(old.stage).toBeUndefined()
    expect(old.notes).toEqual([expect.stringMatching(/train again/)])
    const unvisited = { ...TINY_CUSTOMERS, visits: null, gammaGamma: null }
    expect((await ask({ history, asOf }, { customers: unvisited })).buys).toBeUndefined()
    const unvalued = { ...TINY_CUSTOMERS, gammaGamma: null }
    const { expected } = await ask({ history, asOf }, { customers: unvalued })
    expect(Object.keys(expected ?? {})).toEqual(['visits'])
  })

  test('answers from an artifact of the sequence model alone', async () => {
    const recommender = await Recommender.load(await writeTinyArtifact())
    const described = await recommender.describeCustomer({ history, asOf })
    expect(described).toMatchObject({ visits: 3, daysSinceLastVisit: 13 })
    expect(described.notes).toHaveLength(2)
    await recommender.close()
  })

  test.each<[string, DescribeCustomerRequest, string, string]>([
    ['neither user nor history', {}, 'INVALID_INPUT', '`userId`'],
    ['a time that is none', { userId: 'u', asOf: 'x' }, 'INVALID_INPUT', '`asOf`'],
    ['less than no repeats', { userId: 'u', maxRepeats: -1 }, 'INVALID_OPTION', '`maxRepeats`'],
  ])('refuses %s', async (_, request, code, part) => {
    await expect(ask(request)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(part),
    })
  })

  test('refuses an artifact of other categories', async () => {
    const durability = TINY_CUSTOMERS.durability as NonNullable<typeof TINY_CUSTOMERS.durability>
    const customers = { ...TINY_CUSTOMERS, durability: { ...durability, categories: [] } }
    await expect(ask({ history }, { customers })).rejects.toMatchObject({
      code: 'BAD_ARTIFACT',
      message: expect.stringContaining('the 5 categories'),
    })
  })
})

describe('suppression after a durable', () => {
  const ids = async (
    events: readonly HistoryEvent[],
    change: object = {},
  ): Promise<{ itemIds: string[]; suppressed: number; afterFilter: number }> => {
    const recommender = await Recommender.load(
      await writeLifecycleArtifact({ customers: TINY_CUSTOMERS }),
    )
    const { items, candidates } = await recommender.recommend({ history: events, asOf, ...change })
    await recommender.close()
    const { suppressed, afterFilter } = candidates
    return { itemIds: items.map(({ itemId }) => itemId).sort(), suppressed, afterFilter }
  }

  test('leaves out the durable and its category, unless asked to keep them', async () => {
    const events = [bought('pan', '2026-01-10'), bought('tea', '2026-01-30')]
    expect(await ids(events)).toEqual({
      itemIds: ['milk', 'novelty', 'soap', 'tea'],
      suppressed: 2,
      afterFilter: 6,
    })
    expect(await ids(events, { includeSuppressed: true })).toEqual({
      itemIds: ['milk', 'novelty', 'pan', 'pot', 'soap', 'tea'],
      suppressed: 0,
      afterFilter: 6,
    })
  })

  test('counts only what exclude and filter had left', async () => {
    const filter = { field: 'categoryPath', under: ['Kitchen'] } as const
    const events = [bought('pan', '2026-01-10')]
    expect(await ids(events, { filter, exclude: ['pot'] })).toEqual({
      itemIds: [],
      suppressed: 1,
      afterFilter: 1,
    })
  })

  test('ends with its days, and is for consumables only what the merchant set', async () => {
    expect((await ids([bought('pan', '2025-04-06')])).suppressed).toBe(0)
    expect((await ids([bought('tea', '2026-01-31')])).suppressed).toBe(0)
    expect((await ids([bought('soap', '2026-01-28')])).itemIds).not.toContain('soap')
    expect((await ids([bought('soap', '2026-01-26')])).itemIds).toContain('soap')
  })
})
