import { DAY_MS, type Dataset } from '@perennial/core'
import { createDataset } from '../create-dataset.ts'
import type { DatasetSource, ReadFile } from '../dataset-facts.ts'
import { tafengFacts } from './facts.ts'

/** Ta-Feng: one basket a day; a user's last basket is the target of the paper. */
export const tafeng: DatasetSource = {
  facts: tafengFacts,
  load: async (read): Promise<Dataset> => {
    const history = await readBaskets(read, 'tafeng_history.json')
    const future = await readBaskets(read, 'tafeng_future.json')
    const userIds = Object.keys(history)
    const userRows: number[] = []
    const itemRows: number[] = []
    const timestampMs: number[] = []
    userIds.forEach((userId, userRow) => {
      const baskets = [...withoutEnds(history[userId]), ...withoutEnds(future[userId])]
      baskets.forEach((basket, step) => {
        for (const item of basket) {
          userRows.push(userRow)
          itemRows.push(item + 1)
          timestampMs.push(step * DAY_MS)
        }
      })
    })
    return createDataset({
      userIds,
      items: Array.from({ length: tafengFacts.counts.items }, (_, i) => ({ itemId: String(i) })),
      userRows,
      itemRows,
      timestampMs,
      timeKind: 'ordinal',
    })
  },
}

/** Baskets by user id, between a marker basket at each end. */
type Baskets = Record<string, readonly (readonly number[])[]>

async function readBaskets(read: ReadFile, name: string): Promise<Baskets> {
  return JSON.parse((await read(name)).toString('utf8')) as Baskets
}

function withoutEnds(baskets: Baskets[string] | undefined): Baskets[string] {
  return (baskets ?? []).slice(1, -1)
}
