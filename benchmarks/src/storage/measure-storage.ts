import { ARTIFACT_FILES, DATASET_FILES, encodeItems } from '@perennial/core'
import type { Subject } from '../subject.ts'
import { readFileSizes } from './file-sizes.ts'
import { type CacheStorage, measureCache } from './measure-cache.ts'
import { type HistoryStorage, measureHistories } from './measure-histories.ts'
import {
  INDEX_KINDS,
  type IndexKind,
  type IndexStorage,
  measureIndex,
  type SkippedIndex,
} from './measure-index.ts'
import { type LoadTime, measureLoad } from './measure-load.ts'

/** Sizes measured on one artifact. */
export interface ArtifactStorage {
  readonly modelVersion: string
  readonly numItems: number
  readonly dim: number
  readonly artifact: {
    readonly bytes: number
    readonly bytesByFile: Readonly<Record<string, number>>
    readonly load: LoadTime
  }
  /** Bytes an item. */
  readonly item: {
    /** `items.arrow` without what training adds: ids, titles, categories, prices. */
    readonly attributeFileBytesPerItem: number
    /** What training adds to `items.arrow`: vector, popularity, whether it was learned. */
    readonly vectorFileBytesPerItem: number
    /** The catalogue in memory, as it counts itself. */
    readonly attributeMemoryBytesPerItem: number
  }
  readonly indexes: Readonly<Record<IndexKind, IndexStorage | SkippedIndex>>
  readonly event: {
    readonly numEvents: number
    readonly fileBytes: number
    readonly fileBytesPerEvent: number
  }
  readonly user: HistoryStorage & { readonly cache: CacheStorage }
}

/** How the figures came to be, for the result. */
export const STORAGE_METHOD = {
  item: 'size of items.arrow with and without the columns that training adds; the catalogue in memory as it counts itself',
  indexes:
    'bytes as each index counts them, and the growth of resident memory of a fresh process from before the artifact was read until only the index was left; recall against float32 inner products, of queries that the network asks for histories drawn by the law of Zipf',
  event: 'size of events.arrow, its id dictionaries included, over the number of events',
  user: 'memory: growth of V8 heap and typed arrays between two full collections while the store is filled; lmdb: blocks on disk after compaction; redis: as the server counts; cache: growth of V8 heap and typed arrays while each customer is asked for once',
  load: 'median of 3 fresh processes that load the artifact with the index that suits it, files in the page cache; readyMs counts from the start of the process',
} as const

/** Options of {@link measureStorage}. */
export interface MeasureStorageOptions {
  readonly seed: number
  /** Kinds of index to measure. @defaultValue all */
  readonly kinds?: readonly IndexKind[] | undefined
  /** Measures an index. @defaultValue {@link measureIndex}, in this process */
  readonly measureOneIndex?: typeof measureIndex | undefined
  /** Measures the start. @defaultValue {@link measureLoad}, in this process */
  readonly measureOneLoad?:
    | ((artifactFolder: string, signal?: AbortSignal) => Promise<LoadTime>)
    | undefined
  readonly redisUrl?: string | undefined
  readonly signal?: AbortSignal | undefined
  readonly onStage?: ((text: string) => void) | undefined
}

/** Measures what items, events, users and the artifact take on disk and in memory. */
export async function measureStorage(
  subject: Subject,
  {
    seed,
    kinds = INDEX_KINDS,
    measureOneIndex = measureIndex,
    measureOneLoad = measureLoad,
    redisUrl,
    signal,
    onStage,
  }: MeasureStorageOptions,
): Promise<ArtifactStorage> {
  const { artifact, artifactFolder, datasetFolder, events } = subject
  const { manifest, catalog, vectors } = artifact
  const { numItems } = catalog
  const bytesByFile = await readFileSizes(artifactFolder)
  const attributeBytes = encodeItems(catalog).byteLength
  const itemsBytes = bytesByFile[ARTIFACT_FILES.items] as number
  const eventBytes = (await readFileSizes(datasetFolder))[DATASET_FILES.events] as number
  const numEvents = events.userRows.length
  const begin = (text: string): void => {
    signal?.throwIfAborted()
    onStage?.(text)
  }
  begin('  filling history stores')
  const histories = await measureHistories(subject, { redisUrl, signal })
  begin('  asking for customers')
  const cache = await measureCache(subject, signal)
  begin('  loading the recommender')
  const load = await measureOneLoad(artifactFolder, signal)
  const indexes: Partial<Record<IndexKind, IndexStorage | SkippedIndex>> = {}
  for (const kind of INDEX_KINDS) {
    if (!kinds.includes(kind)) indexes[kind] = { kind, skipped: 'not asked for' }
    else {
      begin(`  building the index ${kind} of ${numItems} items`)
      indexes[kind] = await measureOneIndex(artifactFolder, { kind, seed, signal })
    }
  }
  return {
    modelVersion: manifest.modelVersion,
    numItems,
    dim: vectors.dim,
    artifact: {
      bytes: Object.values(bytesByFile).reduce((sum, bytes) => sum + bytes, 0),
      bytesByFile,
      load,
    },
    item: {
      attributeFileBytesPerItem: attributeBytes / numItems,
      vectorFileBytesPerItem: (itemsBytes - attributeBytes) / numItems,
      attributeMemoryBytesPerItem: catalog.memoryBytes / numItems,
    },
    indexes: indexes as ArtifactStorage['indexes'],
    event: { numEvents, fileBytes: eventBytes, fileBytesPerEvent: eventBytes / numEvents },
    user: { ...histories, cache },
  }
}
