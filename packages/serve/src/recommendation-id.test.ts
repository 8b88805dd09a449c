import { describe, expect, test } from 'vitest'
import { ANSWER_PATHS, createRecommendationId, readRecommendationId } from './recommendation-id.ts'

describe('readRecommendationId', () => {
  test.each(ANSWER_PATHS)('reads what an id of path %s was made of', (path) => {
    const origin = { modelVersion: 'shop.v2-0c0d5e59a154', path }
    expect(readRecommendationId(createRecommendationId(origin))).toEqual(origin)
  })

  test('tells two answers apart', () => {
    const origin = { modelVersion: 'm-1', path: 'model' } as const
    expect(createRecommendationId(origin)).not.toBe(createRecommendationId(origin))
  })

  test.each([undefined, 7, '', 'm-1.model', 'm-1.other.0b5bd3d1-4b0c-4b43-8d0c-3d7e8f1a2b3c'])(
    'refuses %s',
    (id) => {
      expect(() => readRecommendationId(id)).toThrow(
        expect.objectContaining({ code: 'INVALID_INPUT' }),
      )
    },
  )
})
