import type { ItemRecord } from '@perennial/core'
import { createDataset } from '../create-dataset.ts'
import type { DatasetSource, ReadFile } from '../dataset-facts.ts'
import { parseIntegerTable } from '../integer-table.ts'
import { movielens1mFacts } from './facts.ts'

const EVENTS = 'ml-1m.sasrec.txt'
const ITEM_MAP = 'sas_to_original_items.txt'
const MOVIES = 'movies.utf8.dat'

/** MovieLens 1M with the ids of the SASRec file: user row `r` is id `r + 1`, item row `r` is id `r`. */
export const movielens1m: DatasetSource = {
  facts: movielens1mFacts,
  load: async (read, has) => {
    const content = await read(EVENTS)
    const [users, itemRows] = parseIntegerTable(content, {
      numColumns: 2,
      fileName: EVENTS,
    }) as [Int32Array, Int32Array]
    const { counts } = movielens1mFacts
    const movies = (await has(ITEM_MAP)) && (await has(MOVIES)) ? await readMovies(read) : []
    return createDataset({
      userIds: Array.from({ length: counts.users }, (_, row) => String(row + 1)),
      items: Array.from({ length: counts.items }, (_, i) => ({
        itemId: String(i + 1),
        ...movies[i + 1],
      })),
      userRows: users.map((userId) => userId - 1),
      itemRows,
      timeKind: 'ordinal',
    })
  },
}

/** Reads title and first genre by SASRec item id. */
async function readMovies(read: ReadFile): Promise<Omit<ItemRecord, 'itemId'>[]> {
  const movies = new Map<number, Omit<ItemRecord, 'itemId'>>()
  for (const line of (await read(MOVIES)).toString('utf8').split('\n')) {
    const [movieId, title, genres] = line.split('::')
    if (title === undefined || genres === undefined) continue
    movies.set(Number(movieId), { title, categoryPath: genres.trim().split('|', 1) })
  }
  const [itemIds, movieIds] = parseIntegerTable(await read(ITEM_MAP), {
    numColumns: 2,
    fileName: ITEM_MAP,
  }) as [Int32Array, Int32Array]
  const byItem: Omit<ItemRecord, 'itemId'>[] = []
  itemIds.forEach((itemId, i) => {
    byItem[itemId] = movies.get(movieIds[i] as number) ?? {}
  })
  return byItem
}
