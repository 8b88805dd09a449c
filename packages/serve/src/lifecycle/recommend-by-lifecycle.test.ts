import { describe, expect, test } from 'vitest'
import { writeLifecycleArtifact } from '../../test/lifecycle-artifact.ts'
import type { HistoryEvent, RecommendResponse } from '../recommendation.ts'
import { Recommender } from '../recommender.ts'

const asOf = '2026-02-01T12:00:00.000Z'
const bought = (itemId: string, day: string): HistoryEvent => ({
  itemId,
  timestamp: `${day}T09:00:00Z`,
})
const history = [bought('tea', '2026-01-10')]
const ids = ({ items }: RecommendResponse): string[] => items.map(({ itemId }) => itemId)

async function withArtifact<T>(
  options: Parameters<typeof writeLifecycleArtifact>[0],
  use: (recommender: Recommender) => Promise<T>,
): Promise<T> {
  const recommender = await Recommender.load(await writeLifecycleArtifact(options))
  try {
    return await use(recommender)
  } finally {
    await recommender.close()
  }
}

describe('recommending with a ranker', () => {
  test('ranks candidates by the network, and says what ranked', () =>
    withArtifact({ weights: { 'pair.owned': 10, 'score.user_knn': 1 } }, async (recommender) => {
      const response = await recommender.recommend({ history, asOf, k: 3 })
      expect(response).toMatchObject({ path: 'model', ranking: 'ranker', asOf })
      // Tea is owned; ann and bob bought tea, and bob the pan later than the milk.
      expect(ids(response)).toEqual(['tea', 'pan', 'milk'])
      expect(response.items.map(({ rank }) => rank)).toEqual([1, 2, 3])
    }))

  test('forecasts when a purchase comes', () =>
    withArtifact({ weights: { 'pair.owned': 1 } }, async (recommender) => {
      const { items } = await recommender.recommend({ history, asOf, k: 1 })
      expect(items[0]?.forecast).toEqual({
        within7Days: 0.5,
        within28Days: 0.5,
        within90Days: 0.5,
        expected: { earlyDays: 0.5, medianDays: 1, lateDays: 1.5 },
      })
    }))

  test('gives as reason what the score is made of', () =>
    withArtifact(
      { weights: { 'pair.owned': 10, 'score.user_knn': 1, 'item.popularity_30': 0.1 } },
      async (recommender) => {
        const { items } = await recommender.recommend({ history, asOf })
        const reasonOf = (itemId: string) => items.find((item) => item.itemId === itemId)?.reason
        expect(reasonOf('tea')).toEqual({
          code: 'repeat',
          timesBought: 1,
          daysSinceLast: 22,
          typicalGapDays: null,
        })
        expect(reasonOf('pan')).toEqual({ code: 'similar-customers' })
        // Nobody alike bought soap.
        expect(reasonOf('soap')).toEqual({ code: 'popular' })
        const without = await recommender.recommend({ history, asOf, explain: false })
        expect(without.items.every(({ reason }) => reason === undefined)).toBe(true)
      },
    ))

  test('leaves out what is not allowed, and fills the list up with what sells', () =>
    withArtifact({ weights: { 'score.user_knn': 1 } }, async (recommender) => {
      const all = await recommender.recommend({ history, asOf, k: 6 })
      expect(ids(all).sort()).toEqual(['milk', 'novelty', 'pan', 'pot', 'soap', 'tea'])
      const some = await recommender.recommend({
        history,
        asOf,
        exclude: ['tea'],
        filter: { field: 'categoryPath', under: ['Kitchen'] },
      })
      expect(ids(some)).toEqual(['pan', 'pot'])
    }))

  test('a recorded purchase counts from then on, for its user and for others', () =>
    withArtifact({ weights: { 'score.user_knn_newest': 1 } }, async (recommender) => {
      const question = { history, asOf, k: 6, explain: false }
      const scoreOf = async (itemId: string): Promise<number> => {
        const { items } = await recommender.recommend(question)
        return items.find((item) => item.itemId === itemId)?.score as number
      }
      const before = await scoreOf('pot')
      await recommender.recordEvents([
        { userId: 'ann', ...bought('pot', '2026-01-30') },
        { userId: 'eve', ...bought('tea', '2026-01-30') },
      ])
      expect(await scoreOf('pot')).toBeGreaterThan(before)
      // Sent twice with one id it counts once.
      const event = { userId: 'bob', ...bought('soap', '2026-01-31'), eventId: 'o-1' }
      await recommender.recordEvents([event])
      const once = await scoreOf('soap')
      await recommender.recordEvents([event])
      expect(await scoreOf('soap')).toBe(once)
    }))

  test('nobody is his own neighbour', () =>
    withArtifact({ weights: { 'score.user_knn': 1 } }, async (recommender) => {
      // What cat bought: as a known user she is no neighbour of herself, as a stranger's history she is.
      await recommender.recordEvents([{ userId: 'cat', ...bought('soap', '2026-01-08') }])
      const known = await recommender.recommend({ userId: 'cat', asOf, explain: false })
      const stranger = await recommender.recommend({
        history: [bought('soap', '2026-01-08')],
        asOf,
        explain: false,
      })
      const soapOf = ({ items }: RecommendResponse) =>
        items.find(({ itemId }) => itemId === 'soap')?.score as number
      // Dan alone bought soap on the 9th; together with cat's of the 8th the mean is lower.
      expect(soapOf(known)).toBeGreaterThan(soapOf(stranger))
    }))

  test('a customer without a known purchase gets what is popular', () =>
    withArtifact({}, async (recommender) => {
      const response = await recommender.recommend({ userId: 'nobody', asOf })
      expect(response.path).toBe('popular')
      expect(response.ranking).toBeUndefined()
    }))
})

describe('recommending by a rule', () => {
  test.each([
    ['popularity', 'tea'],
    ['decayed-frequency', 'milk'],
    ['neighbor-blend', 'pan'],
  ] as const)('ranks by %s without a network and without forecasts', (ranking, first) =>
    withArtifact({ ranking, ranker: false }, async (recommender) => {
      const response = await recommender.recommend({
        history: [bought('milk', '2025-06-01')],
        asOf,
      })
      expect(response.ranking).toBe(ranking)
      expect(ids(response)[0]).toBe(first)
      expect(response.items[0]?.forecast).toBeUndefined()
    }),
  )
})

describe('an artifact whose ranker is missing', () => {
  test('is refused', async () => {
    const folder = await writeLifecycleArtifact({ ranker: false })
    await expect(Recommender.load(folder)).rejects.toMatchObject({
      code: 'BAD_ARTIFACT',
      message: expect.stringContaining('ranker.onnx'),
    })
  })
})
