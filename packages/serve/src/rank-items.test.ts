import {
  addRepeatScores,
  createExactIndex,
  createRng,
  DAY_MS,
  type History,
  selectTopK,
} from '@perennial/core'
import { describe, expect, test } from 'vitest'
import { innerProduct, NUM_CONTENDERS, rankItems } from './rank-items.ts'

const NUM_ITEMS = 400
const DIM = 4
const rng = createRng(11)
const vectors = Float32Array.from({ length: (NUM_ITEMS + 1) * DIM }, () => rng.nextNormal())
const query = Float32Array.from({ length: DIM }, () => rng.nextNormal())
const model = {
  index: createExactIndex(vectors, DIM),
  items: {
    dim: DIM,
    vectors,
    popularity: new Float32Array(NUM_ITEMS + 1),
    trained: new Uint8Array(NUM_ITEMS + 1),
  },
  blend: { repeatWeight: 3, halfLifeDays: 10 },
}
const history: History = {
  itemRows: Int32Array.from({ length: 60 }, () => 1 + rng.nextInt(NUM_ITEMS)),
  timestampMs: Float64Array.from({ length: 60 }, (_, day) => day * DAY_MS),
  quantities: new Float32Array(60).fill(1),
  asOfMs: 60 * DAY_MS,
}

/** Scores every item with the function that evaluation uses. */
function scanAll(allowed?: Uint8Array): Float32Array {
  const scores = Float32Array.from({ length: NUM_ITEMS + 1 }, (_, row) =>
    innerProduct(query, vectors, row * DIM),
  )
  addRepeatScores(history, model.blend, scores)
  return scores.map((score, row) => (allowed?.[row] === 0 ? -Infinity : score))
}

describe('rankItems', () => {
  test.each([1, 5, 300])('ranks the top %i of a full scan of the one score', (k) => {
    const { items } = rankItems(model, query, { history, k, allowed: undefined })
    const scores = scanAll()
    expect(items.map(({ itemRow }) => itemRow)).toEqual([...selectTopK(scores, k, 1)])
    for (const { itemRow, score } of items) expect(score).toBeCloseTo(scores[itemRow] as number, 4)
  })

  test('ranks allowed items only, those of the history too', () => {
    const allowed = Uint8Array.from({ length: NUM_ITEMS + 1 }, (_, row) => (row % 3 === 0 ? 1 : 0))
    const { items } = rankItems(model, query, { history, k: 20, allowed })
    expect(items.map(({ itemRow }) => itemRow)).toEqual([...selectTopK(scanAll(allowed), 20, 1)])
  })

  test('compares with the same candidates whatever k is', () => {
    const ask = (k: number) =>
      rankItems(model, query, { history, k, allowed: undefined }).meanQueryScore
    const scores = Float32Array.from({ length: NUM_ITEMS + 1 }, (_, row) =>
      innerProduct(query, vectors, row * DIM),
    )
    const contenders = [...new Set([...selectTopK(scores, NUM_CONTENDERS, 1), ...history.itemRows])]
    const mean =
      contenders.reduce((sum, row) => sum + (scores[row] as number), 0) / contenders.length
    expect(ask(1)).toBeCloseTo(mean, 4)
    expect(ask(300)).toBeCloseTo(mean, 4)
  })
})
