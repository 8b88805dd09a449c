import { access, cp, mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createRng, DAY_MS, readArtifact } from '@perennial/core'
import { type HistoryStore, openLmdbHistoryStore, type StoredEvent } from '@perennial/serve'
import { LOG_END_MS } from '../generate-log.ts'
import { writeUntrainedArtifact } from '../untrained-artifact.ts'
import { createZipf } from '../zipf.ts'

const SPAN_MS = 2 * 365 * DAY_MS
/** Users whose events are under way to the store at once. */
const BATCH_USERS = 2000

/** Sizes of what is served. */
export interface ServingSizes {
  readonly numItems: number
  readonly numUsers: number
  readonly eventsPerUser: number
  readonly seed: number
}

/** An artifact and a history store of generated customers, on disk. */
export interface ServingData {
  readonly artifactFolder: string
  /** What `perennial-serve` takes as its store, in lmdb; copy it before anything is written. */
  readonly storeFolder: string
  readonly itemIds: readonly string[]
  readonly userIds: readonly string[]
}

/** Options of {@link prepareServingData}. */
export interface PrepareServingDataOptions extends ServingSizes {
  /** Where data is kept from one run to the next, a folder for each set of sizes. */
  readonly cacheFolder: string
  /** Folder of a real artifact to serve instead of an untrained one. @defaultValue none */
  readonly artifact?: string | undefined
  readonly signal?: AbortSignal | undefined
  readonly onStage?: ((text: string) => void) | undefined
}

/** Makes an artifact and a store, or takes those that an earlier call with the same sizes made. */
export async function prepareServingData({
  cacheFolder,
  artifact: given,
  numItems,
  numUsers,
  eventsPerUser,
  seed,
  signal,
  onStage,
}: PrepareServingDataOptions): Promise<ServingData> {
  const artifactFolder =
    given ??
    (await makeOnce(join(cacheFolder, `artifact-${numItems}-seed-${seed}`), async (folder) => {
      onStage?.(`Making an artifact of ${numItems} items`)
      await writeUntrainedArtifact(folder, { numItems, seed })
    }))
  const { catalog, manifest } = await readArtifact(artifactFolder)
  const itemIds = Array.from({ length: catalog.numItems }, (_, i) => catalog.idOf(i + 1))
  const userIds = Array.from({ length: numUsers }, (_, i) => `customer-${i}`)
  const name = `store-${manifest.modelVersion}-users-${numUsers}-events-${eventsPerUser}-seed-${seed}`
  const storeFolder = await makeOnce(join(cacheFolder, name), async (folder) => {
    onStage?.(`Storing ${eventsPerUser} events of each of ${numUsers} users`)
    const store = await openLmdbHistoryStore({ folder: historyFolder(folder) })
    try {
      await fillStore(store, { itemIds, userIds, eventsPerUser, seed, signal })
    } finally {
      await store.close()
    }
  })
  return { artifactFolder, storeFolder, itemIds, userIds }
}

/**
 * Copies the store of `data` into `folder`.
 *
 * @returns The copy's folder.
 */
export async function copyStore(
  { storeFolder }: Pick<ServingData, 'storeFolder'>,
  folder: string,
): Promise<string> {
  const copy = join(folder, 'store')
  await cp(storeFolder, copy, { recursive: true })
  return copy
}

/** Returns where histories are in the folder of a store. */
export function historyFolder(storeFolder: string): string {
  return join(storeFolder, 'history')
}

/** Options of {@link fillStore}. */
export interface FillStoreOptions extends Pick<ServingData, 'itemIds' | 'userIds'> {
  readonly eventsPerUser: number
  readonly seed: number
  readonly signal?: AbortSignal | undefined
}

/** Stores purchases of every user: items by Zipf's law in order of row, times uniform over two years. */
export async function fillStore(
  store: Pick<HistoryStore, 'append'>,
  { itemIds, userIds, eventsPerUser, seed, signal }: FillStoreOptions,
): Promise<void> {
  const rng = createRng(seed, 0x73746f)
  const drawItem = createZipf(itemIds.length, { rng })
  const drawEvents = (): StoredEvent[] => {
    const times = Float64Array.from(
      { length: eventsPerUser },
      () => LOG_END_MS - SPAN_MS + rng.nextInt(SPAN_MS),
    ).sort()
    return Array.from(times, (timestampMs) => ({
      itemId: itemIds[drawItem()] as string,
      timestampMs,
      quantity: 1 + rng.nextInt(3),
    }))
  }
  for (let start = 0; start < userIds.length; start += BATCH_USERS) {
    signal?.throwIfAborted()
    const batch = userIds.slice(start, start + BATCH_USERS)
    await Promise.all(batch.map((userId) => store.append(userId, drawEvents())))
  }
}

/** Makes a folder that is complete once it is under its name; does nothing when it is there. */
async function makeOnce(
  folder: string,
  write: (folder: string) => Promise<unknown>,
): Promise<string> {
  const isThere = await access(folder).then(
    () => true,
    () => false,
  )
  if (isThere) return folder
  const partial = `${folder}.partial`
  await rm(partial, { recursive: true, force: true })
  await mkdir(partial, { recursive: true })
  await write(partial)
  await rename(partial, folder)
  return folder
}
