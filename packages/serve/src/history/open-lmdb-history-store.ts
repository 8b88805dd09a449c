import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createHistoryStore } from './create-history-store.ts'
import { type HistoryStoreOptions, readHistoryOptions } from './history-options.ts'
import type { HistoryStore } from './history-store.ts'
import { recoverGeneration } from './lmdb-generations.ts'
import { LmdbRecords } from './lmdb-records.ts'
import { lockFolder } from './lock-folder.ts'

/** Options of {@link openLmdbHistoryStore}. */
export interface LmdbHistoryStoreOptions extends HistoryStoreOptions {
  /** Folder on a local disk, created if it is not there; each namespace has a folder of its own in it. */
  readonly folder: string
}

/**
 * Opens a store kept in files of LMDB, of one process.
 *
 * A promise resolves when its change is flushed to disk, so neither a crash of the process nor one of the machine loses
 * it. Changes asked for at the same time share one flush: for a bulk load, call `append` for some hundred users at once
 * and await them together.
 *
 * @throws {@link RecommenderError} `INVALID_OPTION`; `STORE_UNAVAILABLE` if another store has the folder open, or it
 * cannot be written.
 */
export async function openLmdbHistoryStore(
  options: LmdbHistoryStoreOptions,
): Promise<HistoryStore> {
  const { namespace, limits } = readHistoryOptions(options)
  const folder = join(options.folder, namespace)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const lock = await lockFolder(folder)
  try {
    const generation = await recoverGeneration(folder)
    return createHistoryStore(new LmdbRecords(folder, { generation, lock }), limits)
  } catch (error) {
    await lock.release()
    throw error
  }
}
