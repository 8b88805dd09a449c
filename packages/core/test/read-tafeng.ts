import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { DAY_MS } from '../src/data/columns.ts'
import type { Dataset } from '../src/data/dataset.ts'
import { ItemCatalog } from '../src/data/item-catalog.ts'
import type { RankingCase } from '../src/data/ranking-case.ts'
import { buildSequences } from '../src/data/sequences.ts'

/** Returns the folder of Ta-Feng as prepared for next-basket recommendation, or `undefined` where it is missing. */
export function findTafeng(): string | undefined {
  const root = resolve(import.meta.dirname, '../../..')
  const folder = resolve(root, process.env.PERENNIAL_DATA ?? '../shared/datasets', 'tafeng-nbr')
  return existsSync(join(folder, 'keyset_mli_0.json.gz')) ? folder : undefined
}

/** What {@link readTafeng} returns. */
export interface Tafeng {
  readonly dataset: Dataset
  /** Histories of the keyset's training users; nothing of the others. */
  readonly neighborEnds: Int32Array
  /** Histories of all users, without the target baskets. */
  readonly historyEnds: Int32Array
  /** The last baskets of the keyset's test users. */
  readonly cases: RankingCase[]
}

type BasketsByUser = Record<string, number[][]>

/** Returns the baskets of all users, one a day since only their order is known, and the questions of a keyset. */
export function readTafeng(folder: string, keyset: string): Tafeng {
  const read = (name: string): unknown =>
    JSON.parse(gunzipSync(readFileSync(join(folder, `${name}.json.gz`))).toString())
  const history = read('tafeng_history') as BasketsByUser
  const future = read('tafeng_future') as BasketsByUser
  const { item_num, train, test } = read(keyset) as {
    item_num: number
    train: string[]
    test: string[]
  }
  const userIds = Object.keys(history)
  const userRows: number[] = []
  const itemRows: number[] = []
  const timestampMs: number[] = []
  const historyEnds = new Int32Array(userIds.length)
  userIds.forEach((userId, u) => {
    const baskets = [...(history[userId] ?? []), ...(future[userId] ?? [])].filter(
      ([i]) => i !== -1,
    )
    baskets.forEach((basket, day) => {
      if (day === baskets.length - 1) historyEnds[u] = itemRows.length
      for (const item of basket) {
        userRows.push(u)
        itemRows.push(item + 1)
        timestampMs.push(day * DAY_MS)
      }
    })
  })
  const itemIds = Array.from({ length: item_num + 1 }, (_, i) => (i === 0 ? '' : String(i - 1)))
  const sequences = buildSequences({
    userIds,
    itemIds,
    eventTypeNames: ['purchase'],
    currency: null,
    userRows: Int32Array.from(userRows),
    itemRows: Int32Array.from(itemRows),
    timestampMs: Float64Array.from(timestampMs),
    quantities: new Float32Array(itemRows.length).fill(1),
    prices: new Float32Array(itemRows.length).fill(Number.NaN),
    eventTypes: new Uint8Array(itemRows.length),
  })
  const catalog = new ItemCatalog(itemIds.slice(1).map((itemId) => ({ itemId })))
  const dataset: Dataset = { userIds, catalog, sequences, timeKind: 'ordinal', currency: null }
  const training = new Set(train)
  const neighborEnds = historyEnds.map((end, u) =>
    training.has(userIds[u] as string) ? end : (sequences.offsets[u] as number),
  )
  const rows = new Map(userIds.map((id, row) => [id, row]))
  const cases = test.map((userId): RankingCase => {
    const userRow = rows.get(String(userId)) as number
    const historyEnd = historyEnds[userRow] as number
    const end = sequences.offsets[userRow + 1] as number
    return {
      userRow,
      historyEnd,
      asOfMs: sequences.timestampMs[historyEnd] as number,
      targets: Int32Array.from(new Set(sequences.itemRows.subarray(historyEnd, end))),
    }
  })
  return { dataset, neighborEnds, historyEnds, cases }
}
