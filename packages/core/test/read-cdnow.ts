import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { buildSequences, type Sequences } from '../src/data/sequences.ts'

/** Returns the folder of CDNOW, or `undefined` where the data has not been placed. */
export function findCdnow(): string | undefined {
  const root = resolve(import.meta.dirname, '../../..')
  const folder = resolve(root, process.env.PERENNIAL_DATA ?? '../shared/datasets', 'cdnow')
  const isThere = existsSync(join(folder, 'CDNOW_sample.txt.gz'))
  return isThere && existsSync(join(folder, 'CDNOW_master.txt.gz')) ? folder : undefined
}

/** Returns the purchases of a CDNOW file; a price is the value of the purchase over its number of CDs. */
export function readCdnow(folder: string, part: 'sample' | 'master'): Sequences {
  const rows = gunzipSync(readFileSync(join(folder, `CDNOW_${part}.txt.gz`)))
    .toString('latin1')
    .trim()
    .split('\n')
    // The sample has no heading, and the customer's number in the master file before his own.
    .map((line) => line.trim().split(/\s+/).slice(-4))
    .filter(([customerId]) => /^\d+$/.test(customerId as string)) as [
    string,
    string,
    string,
    string,
  ][]
  const userIds = [...new Set(rows.map(([customerId]) => customerId))].sort()
  const userRows = new Map(userIds.map((id, row) => [id, row]))
  const events = rows
    .map(([customerId, date, numCds, dollars]) => ({
      userRow: userRows.get(customerId) as number,
      timeMs: Date.parse(`${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}`),
      quantity: Number(numCds),
      price: Number(dollars) / Number(numCds),
    }))
    .sort((a, b) => a.userRow - b.userRow || a.timeMs - b.timeMs)
  return buildSequences({
    userIds,
    itemIds: ['', 'cd'],
    eventTypeNames: ['purchase'],
    currency: 'USD',
    userRows: Int32Array.from(events, ({ userRow }) => userRow),
    itemRows: new Int32Array(events.length).fill(1),
    timestampMs: Float64Array.from(events, ({ timeMs }) => timeMs),
    quantities: Float32Array.from(events, ({ quantity }) => quantity),
    prices: Float32Array.from(events, ({ price }) => price),
    eventTypes: new Uint8Array(events.length),
  })
}
