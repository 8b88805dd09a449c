import {
  ARTIFACT_FILES,
  createExactIndex,
  DATASET_FILES,
  encodeItems,
  ItemCatalog,
} from '@perennial/core'
import { createMemoryHistoryStore, Recommender } from '@perennial/serve'
import type { Subject } from '../subject.ts'
import { readFileSizes } from './file-sizes.ts'
import { type HnswStorage, measureHnsw, type SkippedHnsw } from './measure-hnsw.ts'
import { measureMemory } from './measure-memory.ts'

/** Sizes measured on one artifact. */
export interface ArtifactStorage {
  readonly modelVersion: string
  readonly numItems: number
  readonly dim: number
  readonly artifact: {
    readonly bytes: number
    readonly bytesByFile: Readonly<Record<string, number>>
    /** Median time of `Recommender.load` with the exact index. */
    readonly loadMs: number
  }
  /** Bytes an item. */
  readonly item: {
    /** `items.arrow` without what training adds: ids, titles, categories, prices. */
    readonly attributeFileBytesPerItem: number
    /** What training adds to `items.arrow`: vector, popularity, whether it was learned. */
    readonly vectorFileBytesPerItem: number
    /** Vectors and scores, as the index counts them. */
    readonly exactIndexBytesPerItem: number
    readonly hnsw: HnswStorage | SkippedHnsw
  }
  readonly event: {
    readonly numEvents: number
    readonly fileBytes: number
    readonly fileBytesPerEvent: number
  }
  /** A history store in memory. */
  readonly user: {
    readonly numUsers: number
    readonly eventsPerUser: number
    readonly heapBytesPerUser: number
    readonly heapBytesPerEvent: number
  }
}

/** How the figures came to be, for the result. */
export const STORAGE_METHOD = {
  item: 'size of items.arrow with and without the columns that training adds; index sizes as each index reports them, and for HNSW the growth of resident memory while a fresh process builds the graph',
  event: 'size of events.arrow, its id dictionaries included, over the number of events',
  user: 'growth of V8 heap and typed arrays between two full collections while a memory history store is filled; user ids are new strings, item ids are shared with the catalogue, as after loading a data set',
  load: 'median of 3 calls of Recommender.load with the exact index, files in the page cache',
} as const

const NUM_LOADS = 3

/** Options of {@link measureStorage}. */
export interface MeasureStorageOptions {
  /** Measures the graph index. @defaultValue {@link measureHnsw}, in this process */
  readonly measureGraph?: typeof measureHnsw | undefined
  readonly signal?: AbortSignal | undefined
  readonly onStage?: ((text: string) => void) | undefined
}

/** Measures what items, events, users and the artifact take on disk and in memory. */
export async function measureStorage(
  subject: Subject,
  { measureGraph = measureHnsw, signal, onStage }: MeasureStorageOptions = {},
): Promise<ArtifactStorage> {
  const { artifact, artifactFolder, datasetFolder, events } = subject
  const { manifest, items, vectors: table } = artifact
  const numItems = items.length
  const bytesByFile = await readFileSizes(artifactFolder)
  const attributeBytes = encodeItems(items).byteLength
  const itemsBytes = bytesByFile[ARTIFACT_FILES.items] as number
  const eventBytes = (await readFileSizes(datasetFolder))[DATASET_FILES.events] as number
  const numEvents = events.userRows.length
  onStage?.('  filling a history store')
  const user = await measureUsers(subject)
  signal?.throwIfAborted()
  onStage?.('  loading the recommender')
  const loadMs = await measureLoad(artifactFolder, signal)
  onStage?.(`  building the graph of ${numItems} items`)
  return {
    modelVersion: manifest.modelVersion,
    numItems,
    dim: table.dim,
    artifact: {
      bytes: Object.values(bytesByFile).reduce((sum, bytes) => sum + bytes, 0),
      bytesByFile,
      loadMs,
    },
    item: {
      attributeFileBytesPerItem: attributeBytes / numItems,
      vectorFileBytesPerItem: (itemsBytes - attributeBytes) / numItems,
      exactIndexBytesPerItem: createExactIndex(table.vectors, table.dim).memoryBytes / numItems,
      hnsw: await measureGraph(artifactFolder, signal),
    },
    event: { numEvents, fileBytes: eventBytes, fileBytesPerEvent: eventBytes / numEvents },
    user,
  }
}

async function measureUsers({ artifact, events }: Subject): Promise<ArtifactStorage['user']> {
  const { userIds, userRows, itemRows, timestampMs, quantities } = events
  const catalog = new ItemCatalog(artifact.items)
  const { value: store, heapBytes } = await measureMemory(() => {
    const filled = createMemoryHistoryStore()
    let userRow = -1
    let userId = ''
    for (let i = 0; i < userRows.length; i++) {
      if (userRows[i] !== userRow) {
        userRow = userRows[i] as number
        // A new string a user, or the store would hold the log's own at no cost.
        userId = Buffer.from(userIds[userRow] as string).toString()
      }
      filled.add(userId, {
        itemId: catalog.idOf(itemRows[i] as number),
        timestampMs: timestampMs[i] as number,
        quantity: quantities[i] as number,
      })
    }
    return filled
  })
  const { numUsers } = store
  return {
    numUsers,
    eventsPerUser: userRows.length / numUsers,
    heapBytesPerUser: heapBytes / numUsers,
    heapBytesPerEvent: heapBytes / userRows.length,
  }
}

async function measureLoad(folder: string, signal: AbortSignal | undefined): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < NUM_LOADS; i++) {
    const startMs = performance.now()
    const recommender = await Recommender.load(folder, { index: 'exact', signal })
    times.push(performance.now() - startMs)
    await recommender.close()
  }
  return times.sort((a, b) => a - b)[Math.floor(NUM_LOADS / 2)] as number
}
