import { access } from 'node:fs/promises'
import { join } from 'node:path'
import type { Dataset } from '../data/dataset.ts'
import { ItemCatalog, type ItemRecord } from '../data/item-catalog.ts'
import { type BuildSequencesOptions, buildSequences } from '../data/sequences.ts'
import { RecommenderError } from '../errors.ts'
import { findFolder } from './atomic-write.ts'
import { type EventBatches, openEventBatches } from './event-batches.ts'
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
  const folder = await findDataset(path)
  const events = await readEventsFile(join(folder, DATASET_FILES.events))
  return {
    userIds: events.userIds,
    catalog: await readCatalog(folder, events.itemIds),
    sequences: buildSequences(events, options),
    timeKind: 'timestamp',
    currency: events.currency,
    eventTypes: options.eventTypes ?? events.eventTypeNames,
  }
}

/** A data set whose events stay on disk. */
export interface OpenDataset {
  readonly catalog: ItemCatalog
  /** Closed by the caller. */
  readonly events: EventBatches
}

/**
 * Opens a folder that {@link readDataset} would read, with the same item rows, for data whose events do not fit in
 * memory.
 *
 * @throws {@link RecommenderError} as {@link readDataset} does.
 */
export async function openDataset(path: string): Promise<OpenDataset> {
  const folder = await findDataset(path)
  const events = await openEventBatches(join(folder, DATASET_FILES.events))
  try {
    return { events, catalog: await readCatalog(folder, events.itemIds()) }
  } catch (error) {
    await events.close()
    throw error
  }
}

async function findDataset(path: string): Promise<string> {
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
  return folder
}

async function readCatalog(folder: string, itemIds: readonly string[]): Promise<ItemCatalog> {
  const { records } = await readItemsFile(join(folder, DATASET_FILES.items))
  return new ItemCatalog(orderLikeEvents(itemIds, records))
}

function orderLikeEvents(itemIds: readonly string[], records: readonly ItemRecord[]): ItemRecord[] {
  const byId = new Map(records.map((record) => [record.itemId, record]))
  const withEvents = itemIds.slice(1).map((itemId) => byId.get(itemId) ?? { itemId })
  const seen = new Set(itemIds)
  return [...withEvents, ...records.filter(({ itemId }) => !seen.has(itemId))]
}
