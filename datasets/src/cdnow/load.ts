import { createDataset } from '../create-dataset.ts'
import type { DatasetSource } from '../dataset-facts.ts'
import { cdnowFacts } from './facts.ts'

const MASTER = 'CDNOW_master.txt'

/** CDNOW: a log of purchases; every event is the one item `cd`, since the data names none. */
export const cdnow: DatasetSource = {
  facts: cdnowFacts,
  load: async (read) => {
    const rows = (await read(MASTER))
      .toString('latin1')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/) as [string, string, string, string])
    const userIds = [...new Set(rows.map(([customerId]) => customerId))]
    const rowOf = new Map(userIds.map((userId, row) => [userId, row]))
    return createDataset({
      userIds,
      items: [{ itemId: 'cd', title: 'CD' }],
      userRows: rows.map(([customerId]) => rowOf.get(customerId) as number),
      itemRows: rows.map(() => 1),
      timestampMs: rows.map(([, date]) => readDay(date)),
      quantities: rows.map(([, , numCds]) => Number(numCds)),
      prices: rows.map(([, , numCds, dollars]) => Number(dollars) / Number(numCds)),
      timeKind: 'timestamp',
      currency: 'USD',
    })
  },
}

function readDay(date: string): number {
  return Date.UTC(Number(date.slice(0, 4)), Number(date.slice(4, 6)) - 1, Number(date.slice(6)))
}
