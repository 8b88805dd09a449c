import { describe, expect, test } from 'vitest'
import { DAY_MS } from '../data/columns.ts'
import type { Dataset } from '../data/dataset.ts'
import { type History, historyOf } from '../data/sequences.ts'
import type { Scorer } from '../scorer.ts'
import { buildDataset, checkerboardDataset } from '../testing.ts'
import { createDecayedFrequency } from './decayed-frequency.ts'
import { createItemKnn } from './item-knn.ts'
import { createPersonalFrequency } from './personal-frequency.ts'
import { countPurchases, createPopularity } from './popularity.ts'
import { createTifuKnn } from './tifu-knn.ts'

type Events = readonly (readonly [itemRow: number, day: number])[]

/** Scores of one history, asked on day `asOf`, by item row. */
function scoreOne(scorer: Scorer, numItems: number, events: Events, asOf: number): number[] {
  const { sequences } = buildDataset([events], { numItems })
  const scores = new Float32Array(numItems + 1)
  void scorer.scoreBatch([historyOf(sequences, 0, events.length, asOf * DAY_MS)], scores)
  return Array.from(scores)
}

/** Item rows by score, best first. */
function rank(scores: readonly number[]): number[] {
  return scores
    .map((score, itemRow) => ({ score, itemRow }))
    .slice(1)
    .sort((a, b) => b.score - a.score)
    .map(({ itemRow }) => itemRow)
}

function allEnds({ sequences }: Dataset): Int32Array {
  return sequences.offsets.slice(1)
}

const shop = buildDataset(
  [
    [
      [1, 0],
      [1, 0.5],
      [2, 0],
      [2, 20],
    ],
    [
      [2, 10],
      [3, 20],
    ],
    [
      [3, 20],
      [4, 20],
    ],
  ],
  { numItems: 5 },
)
const ends = allEnds(shop)

describe('countPurchases', () => {
  test('counts an item once a user and day', () => {
    expect(countPurchases(shop, ends)).toEqual(Float64Array.of(0, 1, 3, 2, 1, 0))
  })

  test('stops where training ends', () => {
    expect(countPurchases(shop, Int32Array.of(3, 5, 6))).toEqual(Float64Array.of(0, 1, 2, 0, 0, 0))
  })

  test('windowDays looks back from the last training day', () => {
    expect(countPurchases(shop, ends, { windowDays: 10 })).toEqual(
      Float64Array.of(0, 0, 1, 2, 1, 0),
    )
    expect(countPurchases(shop, ends, { windowDays: 11 })).toEqual(
      Float64Array.of(0, 0, 2, 2, 1, 0),
    )
  })

  test('halfLifeDays halves a purchase with each half-life of age', () => {
    expect(countPurchases(shop, ends, { halfLifeDays: 10 })).toEqual(
      Float64Array.of(0, 1 / 4, 1 / 4 + 1 / 2 + 1, 2, 1, 0),
    )
  })

  test('refuses the calendar where only the order is known', () => {
    const ordinal: Dataset = { ...shop, timeKind: 'ordinal' }
    for (const options of [{ windowDays: 30 }, { halfLifeDays: 30 }]) {
      expect(() => countPurchases(ordinal, ends, options)).toThrow(
        expect.objectContaining({ code: 'DATASET_MISMATCH' }),
      )
      expect(() => countPurchases(shop, ends, { ...options, halfLifeDays: 0 })).toThrow(
        expect.objectContaining({ code: 'INVALID_OPTION' }),
      )
    }
  })
})

describe('createPopularity', () => {
  test('gives everyone the counts', () => {
    const scorer = createPopularity(shop, ends, { windowDays: 11 })
    expect(scoreOne(scorer, 5, [[1, 0]], 21)).toEqual([0, 0, 2, 2, 1, 0])
    expect(scoreOne(scorer, 5, [], 21)).toEqual([0, 0, 2, 2, 1, 0])
  })
})

describe('createPersonalFrequency', () => {
  const scorer = createPersonalFrequency(shop, ends)

  test('ranks by days bought, then recency, then popularity, then what others buy', () => {
    const history: Events = [
      [5, 0],
      [5, 0.2],
      [4, 1],
      [1, 3],
      [3, 3],
      [4, 3.5],
    ]
    // 4 on two days; 1 and 3 on day 3, of which 3 sells better; 5 on day 0 only; 2 never.
    expect(rank(scoreOne(scorer, 5, history, 10))).toEqual([4, 3, 1, 5, 2])
  })

  test('ranks by popularity without a history', () => {
    // With 30 days of half-life: 3 has 2, 2 has 1 + 0.79 + 0.63 = 2.42, 4 has 1, 1 has 0.63, 5 nothing.
    expect(rank(scoreOne(scorer, 5, [], 10))).toEqual([2, 3, 4, 1, 5])
  })
})

describe('createDecayedFrequency', () => {
  const twiceLongAgo: Events = [
    [1, 0],
    [1, 1],
    [5, 100],
  ]

  test('weighs a purchase by 0.5^(age / halfLifeDays)', () => {
    // Half-life 10: item 1 has 0.5^10 + 0.5^9.9 = 0.002, item 5 has 1; half-life 1000: 0.933 + 0.934 against 1.
    const quick = createDecayedFrequency(shop, ends, { halfLifeDays: 10 })
    const slow = createDecayedFrequency(shop, ends, { halfLifeDays: 1000 })
    expect(rank(scoreOne(quick, 5, twiceLongAgo, 100)).slice(0, 2)).toEqual([5, 1])
    expect(rank(scoreOne(slow, 5, twiceLongAgo, 100)).slice(0, 2)).toEqual([1, 5])
  })

  test('breaks ties by popularity and fills up by popularity', () => {
    const scorer = createDecayedFrequency(shop, ends)
    const history: Events = [
      [5, 9],
      [1, 9],
      [4, 9],
    ]
    expect(rank(scoreOne(scorer, 5, history, 10))).toEqual([4, 1, 5, 2, 3])
  })

  test('refuses a half-life of 0', () => {
    expect(() => createDecayedFrequency(shop, ends, { halfLifeDays: 0 })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
  })
})

describe('createItemKnn', () => {
  // Item 1 shares two baskets with item 2, and a history, but no basket, with item 3.
  const pairs = buildDataset(
    [
      [
        [1, 0],
        [2, 0],
      ],
      [
        [1, 0],
        [2, 0],
      ],
      [
        [1, 0],
        [3, 5],
      ],
    ],
    { numItems: 4 },
  )
  const bought: Events = [[1, 0]]
  const score = (options: Parameters<typeof createItemKnn>[2], asOf = 120): number[] =>
    scoreOne(createItemKnn(pairs, allEnds(pairs), options), 4, bought, asOf)

  test('scores by n(i, j) / (sqrt(n(i) n(j)) + shrinkage), halved after a half-life', () => {
    const [, , second, third, fourth] = score({})
    expect(second).toBeCloseTo((0.5 * 2) / (Math.sqrt(3 * 2) + 10), 6)
    // Item 3 shares no basket; popularity ranks it third, behind 1 and 2, and item 4 last.
    expect([third, fourth]).toEqual([-3, -4])
  })

  test('takes shrinkage and half-life', () => {
    expect(score({ shrinkage: 0 })[2]).toBeCloseTo((0.5 * 2) / Math.sqrt(3 * 2), 6)
    expect(score({ halfLifeDays: 60 })[2]).toBeCloseTo((0.25 * 2) / (Math.sqrt(3 * 2) + 10), 6)
  })

  test('counts whole histories when told to, and where times are not real', () => {
    const expected = (0.5 * 1) / (Math.sqrt(3 * 1) + 10)
    expect(score({ sharing: 'history' })[3]).toBeCloseTo(expected, 6)
    const ordinal: Dataset = { ...pairs, timeKind: 'ordinal' }
    const scorer = createItemKnn(ordinal, allEnds(pairs))
    expect(scoreOne(scorer, 4, bought, 120)[3]).toBeCloseTo(expected, 6)
  })

  test('keeps the nearest neighbours only', () => {
    expect(score({ sharing: 'history', neighbors: 1 })[3]).toBe(-3)
  })
})

describe('createTifuKnn', () => {
  const neighborhood = buildDataset([[[1, 0]], [[2, 0]], []], { numItems: 4 })
  const decay = { withinDecay: 0.8, groupDecay: 0.5, numGroups: 2 }
  const score = (options: object, events: Events): number[] =>
    scoreOne(
      createTifuKnn(neighborhood, allEnds(neighborhood), { ...decay, ...options }),
      4,
      events,
      9,
    )
  const threeDays: Events = [
    [3, 0],
    [3, 1],
    [4, 1],
    [1, 2],
  ]

  test('weighs baskets by both decays, the newest group taking the remainder', () => {
    const [, first, , third, fourth] = score({ alpha: 1 }, threeDays)
    // Groups (day 0) and (days 1, 2): weights 0.8^2 * 0.5 / (1 * 2), 0.8 / (2 * 2), 1 / (2 * 2).
    expect(first).toBeCloseTo(1 / 4, 6)
    expect(fourth).toBeCloseTo(0.8 / 4, 6)
    expect(third).toBeCloseTo((0.8 ** 2 * 0.5) / 2 + 0.8 / 4, 6)
  })

  test.each([
    [{ withinDecay: 1 }, 0.5 / 2 + 1 / 4],
    [{ groupDecay: 1 }, 0.8 ** 2 / 2 + 0.8 / 4],
    // One group of three baskets.
    [{ numGroups: 1 }, (0.8 ** 2 + 0.8) / 3],
  ])('%o changes the vector', (options, expected) => {
    expect(score({ alpha: 1, ...options }, threeDays)[3]).toBeCloseTo(expected, 6)
  })

  test('mixes in the mean of the nearest users', () => {
    // One basket is the first of two groups: every vector holds 0.5 at its item.
    const bought: Events = [[1, 0]]
    expect(score({ alpha: 0.6, neighbors: 1 }, bought).slice(1, 3)).toEqual([0.5, -2])
    const [, own, other] = score({ alpha: 0.6, neighbors: 2 }, bought)
    expect(own).toBeCloseTo(0.6 * 0.5 + 0.4 * (0.5 / 2), 6)
    expect(other).toBeCloseTo(0.4 * (0.5 / 2), 6)
  })

  test('refuses an alpha above 1', () => {
    expect(() => score({ alpha: 1.1 }, [])).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
  })
})

const creators = {
  popularity: createPopularity,
  'personal-frequency': createPersonalFrequency,
  'decayed-frequency': createDecayedFrequency,
  'item-knn': createItemKnn,
  'tifu-knn': createTifuKnn,
} as const

describe.each(Object.entries(creators))('%s', (name, create) => {
  const board = checkerboardDataset({ numUsers: 30, numItems: 12, length: 8, seed: 3 })
  const trainEnds = board.sequences.offsets.slice(1).map((end) => end - 3)
  const histories: History[] = [0, 1, 2].map((u) =>
    historyOf(board.sequences, u, trainEnds[u] as number, 5 * DAY_MS),
  )
  const scoreAll = (dataset: Dataset, asked: readonly History[]): Float32Array => {
    const scores = new Float32Array(asked.length * 13)
    create(dataset, trainEnds).scoreBatch(asked, scores)
    return scores
  }

  test('bears its name and sees no event after training ends', () => {
    expect(create(board, trainEnds).name).toBe(name)
    const itemRows = board.sequences.itemRows.slice()
    for (const end of trainEnds) itemRows.fill(1, end, end + 3)
    const changed: Dataset = { ...board, sequences: { ...board.sequences, itemRows } }
    expect(scoreAll(changed, histories)).toEqual(scoreAll(board, histories))
  })

  test('scores a history the same alone and in a batch', () => {
    const together = scoreAll(board, histories)
    histories.forEach((history, b) => {
      expect(scoreAll(board, [history])).toEqual(together.slice(13 * b, 13 * (b + 1)))
    })
  })

  test('gives every item a number, without a history and without any training event', () => {
    const empty = historyOf(board.sequences, 0, 0, 0)
    const untrained = new Float32Array(13)
    create(board, board.sequences.offsets.slice(0, -1)).scoreBatch([empty], untrained)
    for (const score of [...scoreAll(board, [empty]), ...untrained]) {
      expect(Number.isFinite(score)).toBe(true)
    }
  })
})

test('neighbours learn who buys what: all items of the own parity come first', () => {
  const board = checkerboardDataset({ numUsers: 60, numItems: 12, length: 10, seed: 4 })
  const trainEnds = allEnds(board)
  const scorers = [
    createItemKnn(board, trainEnds, { sharing: 'history' }),
    createTifuKnn(board, trainEnds, { neighbors: 20 }),
  ]
  for (const scorer of scorers) {
    const [even, odd] = [
      scoreOne(
        scorer,
        12,
        [
          [2, 0],
          [4, 1],
        ],
        2,
      ),
      scoreOne(
        scorer,
        12,
        [
          [1, 0],
          [3, 1],
        ],
        2,
      ),
    ]
    expect(
      rank(even)
        .slice(0, 6)
        .every((row) => row % 2 === 0),
    ).toBe(true)
    expect(
      rank(odd)
        .slice(0, 6)
        .every((row) => row % 2 === 1),
    ).toBe(true)
  }
})
