import { checkItemLinks, createRng, type ItemLinks } from '@perennial/core'
import { buildDataset } from '@perennial/core/testing'
import { describe, expect, test } from 'vitest'
import { referenceInverse } from '../../test/reference-inverse.ts'
import { type EaseOptions, fitEase } from './fit-ease.ts'

const NUM_ITEMS = 9
const rng = createRng(3)
/** Even users buy even items, odd users odd ones, one a day; nobody buys item 9. */
const { sequences } = buildDataset(
  Array.from({ length: 30 }, (_, u) =>
    Array.from({ length: 4 }, (_, day) => [2 * rng.nextInt(4) + 1 + (u % 2), day] as const),
  ),
)
const ends = sequences.offsets.slice(1)
const fit = (options: Partial<EaseOptions> = {}, past = ends): Promise<ItemLinks> =>
  fitEase(sequences, past, { numItems: NUM_ITEMS, lambda: 2, ...options })

/** Returns `-P(i, j) / P(j, j)` for all pairs of items, from X in full. */
function reference(
  lambda: number,
  entryOf: (day: number) => number,
): (i: number, j: number) => number {
  const gram = new Float64Array(NUM_ITEMS * NUM_ITEMS)
  for (let u = 0; u < sequences.numUsers; u++) {
    const x = new Float64Array(NUM_ITEMS)
    for (let day = 0; day < 4; day++)
      x[(sequences.itemRows[4 * u + day] as number) - 1] = entryOf(day)
    for (let e = 0; e < gram.length; e++)
      gram[e] =
        (gram[e] as number) +
        (x[Math.floor(e / NUM_ITEMS)] as number) * (x[e % NUM_ITEMS] as number)
  }
  for (let i = 0; i < NUM_ITEMS; i++)
    gram[i * NUM_ITEMS + i] = (gram[i * NUM_ITEMS + i] as number) + lambda
  const inverse = referenceInverse(gram, NUM_ITEMS)
  const of = (i: number, j: number): number => inverse[(i - 1) * NUM_ITEMS + j - 1] as number
  return (i, j) => -of(i, j) / of(j, j)
}

function linksOf({ offsets, itemRows, weights }: ItemLinks, i: number): Map<number, number> {
  const links = new Map<number, number>()
  for (let e = offsets[i] as number; e < (offsets[i + 1] as number); e++)
    links.set(itemRows[e] as number, weights[e] as number)
  return links
}

describe('fitEase', () => {
  test.each([
    { name: 'binary histories', options: {}, entryOf: () => 1 },
    { name: 'another lambda', options: { lambda: 0.5 }, entryOf: () => 1 },
    {
      name: 'histories that fade',
      options: { halfLifeDays: 2, asOfDay: 5 },
      entryOf: (day: number) => 0.5 ** ((5 - day) / 2),
    },
  ])('has the weights of the formula for $name', async ({ options, entryOf }) => {
    const links = await fit(options)
    expect(() => checkItemLinks(links)).not.toThrow()
    const expected = reference(options.lambda ?? 2, entryOf)
    for (let i = 1; i <= 8; i++) {
      const found = linksOf(links, i)
      for (let j = 1; j <= 8; j++) {
        // Items of the other kind are never bought together.
        const weight = i === j || (i + j) % 2 === 1 ? 0 : expected(i, j)
        expect(found.get(j) ?? 0).toBeCloseTo(weight, 5)
      }
    }
    expect(linksOf(links, 9).size).toBe(0)
  })

  test('keeps the strongest links', async () => {
    const all = await fit()
    const some = await fit({ maxLinks: 2 })
    for (let i = 1; i <= 8; i++) {
      const strongest = [...linksOf(all, i)].sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]))
      expect(linksOf(some, i)).toEqual(new Map(strongest.slice(0, 2).sort((a, b) => a[0] - b[0])))
    }
  })

  test('takes the items with the most buyers', async () => {
    const few = buildDataset([
      [
        [1, 0],
        [2, 0],
        [3, 0],
      ],
      [
        [2, 0],
        [3, 0],
      ],
    ])
    const links = await fitEase(few.sequences, Int32Array.of(3, 5), {
      numItems: 3,
      lambda: 1,
      maxItems: 2,
    })
    // X'X + I is [[3, 2], [2, 3]], so P is [[3, -2], [-2, 3]] / 5.
    expect(linksOf(links, 1).size).toBe(0)
    expect([...linksOf(links, 2)]).toEqual([[3, expect.closeTo(2 / 3, 6)]])
    expect([...linksOf(links, 3)]).toEqual([[2, expect.closeTo(2 / 3, 6)]])
  })

  test('knows nothing after the ends', async () => {
    const links = await fit({}, sequences.offsets.slice(0, -1))
    expect(links.itemRows.length).toBe(0)
  })

  test.each([
    ['INVALID_OPTION', { lambda: 0 }],
    ['INVALID_OPTION', { halfLifeDays: 30 }],
    ['INVALID_OPTION', { halfLifeDays: 0, asOfDay: 5 }],
    ['INVALID_OPTION', { halfLifeDays: 30, asOfDay: 2 }],
    ['INVALID_OPTION', { maxLinks: 0 }],
    ['INVALID_OPTION', { maxItems: 0 }],
    ['INVALID_OPTION', { maxItems: 30_001 }],
    ['UNKNOWN_ITEM', { numItems: 7 }],
  ])('rejects with %s for %o', async (code, options) => {
    await expect(fit(options)).rejects.toMatchObject({ code })
  })

  test('stops when aborted', async () => {
    const reason = new Error('enough')
    await expect(fit({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
})
