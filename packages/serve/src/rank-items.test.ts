import {
  addRepeatScores,
  createExactIndex,
  createRng,
  DAY_MS,
  type History,
  selectTopK,
} from '@perennial/core'
import { describe, expect, test } from 'vitest'
import { NUM_CONTENDERS, type RankedItems, rankItems } from './rank-items.ts'

const NUM_ITEMS = 400
const DIM = 4
const rng = createRng(11)
const vectors = Float32Array.from({ length: (NUM_ITEMS + 1) * DIM }, () => rng.nextNormal())
const query = Float32Array.from({ length: DIM }, () => rng.nextNormal())
const exact = createExactIndex(vectors, DIM)
const model = {
  index: {
    numItems: NUM_ITEMS,
    search: async (...args: Parameters<typeof exact.search>) => exact.search(...args),
    score: (asked: Float32Array, itemRow: number) => innerProduct(asked, itemRow * DIM),
  },
  blend: { repeatWeight: 3, halfLifeDays: 10 },
}
const history: History = {
  itemRows: Int32Array.from({ length: 60 }, () => 1 + rng.nextInt(NUM_ITEMS)),
  timestampMs: Float64Array.from({ length: 60 }, (_, day) => day * DAY_MS),
  quantities: new Float32Array(60).fill(1),
  asOfMs: 60 * DAY_MS,
}

function innerProduct(asked: Float32Array, offset: number): number {
  return asked.reduce((sum, value, d) => sum + value * (vectors[offset + d] as number), 0)
}

/** Scores every item with the function that evaluation uses. */
function scanAll(allowed?: Uint8Array): Float32Array {
  const scores = Float32Array.from({ length: NUM_ITEMS + 1 }, (_, row) =>
    innerProduct(query, row * DIM),
  )
  addRepeatScores(history, model.blend, scores)
  return scores.map((score, row) => (allowed?.[row] === 0 ? -Infinity : score))
}

const rank = (minCandidates: number, allowed?: Uint8Array): Promise<RankedItems> =>
  rankItems(model, query, { history, minCandidates, allowed })

/** The best `k` items, equal ones by row. */
async function best(
  k: number,
  allowed?: Uint8Array,
): Promise<{ readonly itemRow: number; readonly score: number }[]> {
  const { itemRows, scores } = await rank(k, allowed)
  return Array.from(itemRows, (itemRow, i) => ({ itemRow, score: scores[i] as number }))
    .sort((a, b) => b.score - a.score || a.itemRow - b.itemRow)
    .slice(0, k)
}

describe('rankItems', () => {
  test.each([1, 5, 300])('ranks the top %i of a full scan of the one score', async (k) => {
    const items = await best(k)
    const scores = scanAll()
    expect(items.map(({ itemRow }) => itemRow)).toEqual([...selectTopK(scores, k, 1)])
    for (const { itemRow, score } of items) expect(score).toBeCloseTo(scores[itemRow] as number, 4)
  })

  test('ranks allowed items only, those of the history too', async () => {
    const allowed = Uint8Array.from({ length: NUM_ITEMS + 1 }, (_, row) => (row % 3 === 0 ? 1 : 0))
    const items = await best(20, allowed)
    expect(items.map(({ itemRow }) => itemRow)).toEqual([...selectTopK(scanAll(allowed), 20, 1)])
  })

  test('compares with the same candidates however many are wanted', async () => {
    const ask = async (minCandidates: number) => (await rank(minCandidates)).meanQueryScore
    const scores = Float32Array.from({ length: NUM_ITEMS + 1 }, (_, row) =>
      innerProduct(query, row * DIM),
    )
    const contenders = [...new Set([...selectTopK(scores, NUM_CONTENDERS, 1), ...history.itemRows])]
    const mean =
      contenders.reduce((sum, row) => sum + (scores[row] as number), 0) / contenders.length
    expect(await ask(1)).toBeCloseTo(mean, 4)
    expect(await ask(300)).toBeCloseTo(mean, 4)
  })

  test('adds the best of some items, and single ones, whatever their score', async () => {
    const alsoAllowed = Uint8Array.from({ length: NUM_ITEMS + 1 }, (_, row) => (row > 390 ? 1 : 0))
    const { itemRows, scores: ranked } = await rankItems(model, query, {
      history,
      minCandidates: 1,
      allowed: undefined,
      alsoAllowed,
      alsoRows: [7],
    })
    const scores = scanAll()
    const wanted = [7, ...Array.from({ length: 10 }, (_, i) => 391 + i)]
    for (const row of wanted) {
      expect(itemRows.filter((itemRow) => itemRow === row)).toHaveLength(1)
      expect(ranked[itemRows.indexOf(row)]).toBeCloseTo(scores[row] as number, 4)
    }
  })
})
