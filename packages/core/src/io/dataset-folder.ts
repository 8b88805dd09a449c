import { access } from 'node:fs/promises'
import { join } from 'node:path'
import type { Dataset } from '../data/dataset.ts'
import { ItemCatalog, type ItemRecord } from '../data/item-catalog.ts'
import { type BuildSequencesOptions, buildSequences } from '../data/sequences.ts'
import { RecommenderError } from '../errors.ts'
import { findFolder } from './atomic-write.ts'
import { readEventsFile } from './events-file.ts'
import { readItemsFile } from './items-file.ts'

/** File names inside a data set folder, as `perennial-train ingest` writes them. */
export const DATASET_FILES = { events: 'events.arrow', items: 'items.arrow' } as const

/**
 * Reads a folder written by `perennial-train ingest`.
 *
 * Items without events keep their place after those with events, so every row of the events stays valid.
 *
 * @throws {@link RecommenderError} `DATASET_MISSING` if a file is not there; `INVALID_EVENTS` if one is malformed.
 */
export async function readDataset(
  path: string,
  options: BuildSequencesOptions = {},
): Promise<Dataset> {
  const folder = await findFolder(path)
  for (const name of Object.values(DATASET_FILES)) {
    await access(join(folder, name)).catch((cause: unknown) => {
      throw new RecommenderError(
        'DATASET_MISSING',
        `Expected ${join(folder, name)} to exist; run \`perennial-train ingest\` to make it.`,
        { cause },
      )
    })
  }
  const events = await readEventsFile(join(folder, DATASET_FILES.events))
  const { records } = await readItemsFile(join(folder, DATASET_FILES.items))
  return {
    userIds: events.userIds,
    catalog: new ItemCatalog(orderLikeEvents(events.itemIds, records)),
    sequences: buildSequences(events, options),
    timeKind: 'timestamp',
    currency: events.currency,
    eventTypes: options.eventTypes ?? events.eventTypeNames,
  }
}

function orderLikeEvents(itemIds: readonly string[], records: readonly ItemRecord[]): ItemRecord[] {
  const byId = new Map(records.map((record) => [record.itemId, record]))
  const withEvents = itemIds.slice(1).map((itemId) => byId.get(itemId) ?? { itemId })
  const seen = new Set(itemIds)
  return [...withEvents, ...records.filter(({ itemId }) => !seen.has(itemId))]
}
