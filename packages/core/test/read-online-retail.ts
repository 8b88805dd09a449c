import { createReadStream, existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'
import type { Dataset } from '../src/data/dataset.ts'
import { ItemCatalog } from '../src/data/item-catalog.ts'
import { buildSequences } from '../src/data/sequences.ts'

const FILES = ['year-2009-2010.csv.gz', 'year-2010-2011.csv.gz'] as const

/** Quotes and commas occur in the description only, so the other fields are found from both ends of the line. */
const LINE =
  /^(?<invoice>[^,]*),(?<item>[^,]*),.*,(?<quantity>-?\d+),(?<time>[^,]*),(?<price>[^,]*),(?<user>[^,]*),[^,]*$/

/** Returns the folder of Online Retail II, or `undefined` where the data has not been placed. */
export function findOnlineRetail(): string | undefined {
  const root = resolve(import.meta.dirname, '../../..')
  const folder = resolve(
    root,
    process.env.PERENNIAL_DATA ?? '../shared/datasets',
    'online-retail-ii',
  )
  return FILES.every((name) => existsSync(join(folder, name))) ? folder : undefined
}

/**
 * Returns both years of Online Retail II: known customers, quantity and price above 0, stock codes that begin with
 * 5 digits, no cancellations, the days that both files hold taken once.
 */
export async function readOnlineRetail(folder: string): Promise<Dataset> {
  const events: { user: string; item: string; timeMs: number; quantity: number; price: number }[] =
    []
  for (const name of FILES) {
    const input = createReadStream(join(folder, name)).pipe(createGunzip())
    for await (const line of createInterface({ input })) {
      const row = LINE.exec(line)?.groups
      if (row === undefined || row.time === undefined) continue
      if (name === FILES[0] && row.time >= '2010-12-01') continue
      const quantity = Number(row.quantity)
      const price = Number(row.price)
      const isSale = !row.invoice?.startsWith('C') && quantity > 0 && price > 0
      if (!isSale || row.user === '' || !/^\d{5}/.test(row.item ?? '')) continue
      const user = row.user?.replace('.0', '') ?? ''
      const item = row.item?.toUpperCase() ?? ''
      events.push({ user, item, timeMs: Date.parse(`${row.time}Z`), quantity, price })
    }
  }
  const userIds = [...new Set(events.map(({ user }) => user))].sort()
  const itemIds = ['', ...[...new Set(events.map(({ item }) => item))].sort()]
  const userRows = new Map(userIds.map((id, row) => [id, row]))
  const itemRows = new Map(itemIds.map((id, row) => [id, row]))
  const rowOf = ({ user }: { user: string }): number => userRows.get(user) as number
  events.sort((a, b) => rowOf(a) - rowOf(b) || a.timeMs - b.timeMs)
  const sequences = buildSequences({
    userIds,
    itemIds,
    eventTypeNames: ['purchase'],
    currency: 'GBP',
    userRows: Int32Array.from(events, rowOf),
    itemRows: Int32Array.from(events, ({ item }) => itemRows.get(item) as number),
    timestampMs: Float64Array.from(events, ({ timeMs }) => timeMs),
    quantities: Float32Array.from(events, ({ quantity }) => quantity),
    prices: Float32Array.from(events, ({ price }) => price),
    eventTypes: new Uint8Array(events.length),
  })
  const catalog = new ItemCatalog(itemIds.slice(1).map((itemId) => ({ itemId })))
  return { userIds, catalog, sequences, timeKind: 'timestamp', currency: 'GBP' }
}
