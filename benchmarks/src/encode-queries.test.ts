import { describe, expect, test } from 'vitest'
import { encodeQueries } from './encode-queries.ts'
import { measureSubjects } from './subject.ts'

describe('encodeQueries', () => {
  test('gives finite queries that differ and are fixed by the seed', async () => {
    const options = { numQueries: 5, historyLength: 8, seed: 1 }
    await measureSubjects({ numItems: [60], numUsers: 2, seed: 1 }, async ({ artifact }) => {
      const queries = await encodeQueries(artifact, options)
      expect(queries.map(({ length }) => length)).toEqual(Array(5).fill(64))
      expect(queries.every((query) => query.every(Number.isFinite))).toBe(true)
      expect(queries[0]).not.toEqual(queries[1])
      expect(await encodeQueries(artifact, options)).toEqual(queries)
      expect(await encodeQueries(artifact, { ...options, seed: 2 })).not.toEqual(queries)
    })
  })
})
