import type { ItemRecord } from '@perennial/core'
import { createDataset } from '../create-dataset.ts'
import type { DatasetSource } from '../dataset-facts.ts'
import { parseIntegerTable } from '../integer-table.ts'
import { movielens100kFacts } from './facts.ts'

const RATINGS = 'u.data'
const MOVIES = 'u.item.utf8'
const FIRST_FLAG = 5
const GENRES = (
  "unknown Action Adventure Animation Children's Comedy Crime Documentary Drama Fantasy Film-Noir " +
  'Horror Musical Mystery Romance Sci-Fi Thriller War Western'
).split(' ')

/** MovieLens 100K: every rating is an event, whatever its value; ties in time keep the file's order. */
export const movielens100k: DatasetSource = {
  facts: movielens100kFacts,
  load: async (read, has) => {
    const [users, items, , seconds] = parseIntegerTable(await read(RATINGS), {
      numColumns: 4,
      fileName: RATINGS,
    }) as [Int32Array, Int32Array, Int32Array, Int32Array]
    const { counts } = movielens100kFacts
    const order = Int32Array.from(seconds.keys()).sort(
      (a, b) => (seconds[a] as number) - (seconds[b] as number) || a - b,
    )
    const movies = (await has(MOVIES)) ? parseMovies((await read(MOVIES)).toString('utf8')) : []
    return createDataset({
      userIds: Array.from({ length: counts.users }, (_, row) => String(row + 1)),
      items: Array.from({ length: counts.items }, (_, i) => movies[i] ?? { itemId: String(i + 1) }),
      userRows: order.map((i) => (users[i] as number) - 1),
      itemRows: order.map((i) => items[i] as number),
      timestampMs: Float64Array.from(order, (i) => (seconds[i] as number) * 1000),
      timeKind: 'timestamp',
    })
  },
}

function parseMovies(text: string): ItemRecord[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [itemId, title, ...rest] = line.split('|') as [string, string, ...string[]]
      const genre = GENRES[rest.slice(FIRST_FLAG - 2).indexOf('1')]
      return { itemId, title, categoryPath: genre === undefined ? [] : [genre] }
    })
}
