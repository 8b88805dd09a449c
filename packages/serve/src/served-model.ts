import { availableParallelism } from 'node:os'
import {
  type BlendConfig,
  checkInteger,
  checkNumber,
  createFilterCache,
  type FilterCache,
  ItemAttributes,
  RecommenderError,
  readArtifact,
} from '@perennial/core'
import { createEncodeQueue, type EncodeQueue } from './encoder/encode-queue.ts'
import { createOnnxEncoder } from './encoder/onnx-encoder.ts'
import { createQueryCache, type QueryCache } from './encoder/query-cache.ts'
import {
  type AvailabilityOptions,
  type AvailabilityTable,
  createAvailability,
} from './items/availability.ts'
import { createNewItemVectors, type NewItemVectors } from './items/new-item-vectors.ts'
import { loadLifecycle, type ServedLifecycle } from './lifecycle/served-lifecycle.ts'
import { createPopularItems, type PopularItems } from './popular-items.ts'
import { type ChooseIndexOptions, chooseIndex } from './retrieval/choose-index.ts'
import type { VectorIndex } from './retrieval/vector-index.ts'

/** An artifact made ready to answer. */
export interface ServedModel {
  readonly modelVersion: string
  readonly blend: BlendConfig
  /** Event types trained on; `undefined` when all were of one kind. */
  readonly eventTypes: readonly string[] | undefined
  /** No event at or after this time was trained on, milliseconds since 1970-01-01 UTC. */
  readonly trainedUntilMs: number
  /** Longest history that the encoder sees. */
  readonly maxLength: number
  readonly dim: number
  /** Items of the artifact, as the shop tells them now, and new ones after them. */
  readonly attributes: ItemAttributes
  /** Items of the artifact: rows `1..numArtifactItems`. */
  readonly numArtifactItems: number
  readonly filters: FilterCache
  readonly availability: AvailabilityTable
  readonly popular: PopularItems
  /** Returns whether the vector of an item was learned from events. */
  isTrained(itemRow: number): boolean
  readonly encoder: EncodeQueue
  /** Whether a query depends on when it is asked. */
  readonly usesTimes: boolean
  readonly queries: QueryCache
  readonly index: VectorIndex
  readonly newItemVectors: NewItemVectors
  /** Absent in an artifact that holds the sequence model alone. */
  readonly lifecycle: ServedLifecycle | undefined
  /** Frees networks and index. */
  release(): Promise<void>
}

/** Options of {@link loadModel}. */
export interface LoadModelOptions extends Omit<ChooseIndexOptions, 'dim'>, AvailabilityOptions {
  /** Users whose queries are kept until their history changes, 0 or more. @defaultValue 50,000 */
  readonly maxCachedUsers?: number | undefined
  /**
   * New items that get a place beside those of the artifact in what is known of a shop's sales, 0 or more; later ones are
   * found by the sequence model and by promotion alone. @defaultValue 1000, or a tenth of the items where that is more
   */
  readonly maxNewItems?: number | undefined
  /**
   * Whether the sequence model runs in a thread of its own, so that it does not hold the event loop.
   * @defaultValue true above 20,000 items where there is a second core
   */
  readonly encodeInThread?: boolean | undefined
  /** When customers were erased, milliseconds since 1970-01-01 UTC, by `customerKey` of core. @defaultValue none */
  readonly erasures?: ReadonlyMap<bigint, number> | undefined
}

/**
 * Loads an artifact folder: verifies its files, loads the networks, builds the index.
 *
 * @throws {@link RecommenderError} `BAD_ARTIFACT`, `INVALID_OPTION`, or what {@link chooseIndex} throws.
 */
export async function loadModel(folder: string, options: LoadModelOptions): Promise<ServedModel> {
  const { maxCachedUsers = 50_000, erasures = new Map(), signal } = options
  const queries = createQueryCache(maxCachedUsers)
  const artifact = await readArtifact(folder, { signal })
  const { manifest, encoder: bytes, catalog, vectors: items } = artifact
  const { dim, maxLength } = manifest.encoder
  checkBlend(manifest.blend, folder)
  const { maxNewItems = Math.max(1000, Math.ceil(catalog.numItems / 10)) } = options
  checkInteger('maxNewItems', maxNewItems, 0)
  const attributes = new ItemAttributes(catalog)
  const trainedUntilMs = Date.parse(manifest.data.trainedUntil)
  const availability = createAvailability(attributes, trainedUntilMs, options)
  const releases: (() => Promise<void>)[] = []
  const release = async (): Promise<void> => {
    await Promise.all(releases.map((free) => free()))
  }
  try {
    const index = await chooseIndex(items.vectors, { ...options, dim })
    releases.push(() => index.close())
    const readVector = index.readVector.bind(index)
    const { encodeInThread: inThread = availableParallelism() > 1 && catalog.numItems > 20_000 } =
      options
    const encoder = await createOnnxEncoder(bytes, { readVector, dim, maxLength, inThread })
    releases.push(() => encoder.release())
    const lifecycle = await loadLifecycle(artifact, {
      catalog,
      capacity: catalog.numItems + maxNewItems,
      erasures,
      signal,
    })
    if (lifecycle?.ranker !== undefined) releases.push(lifecycle.ranker.release)
    const { popularity, trained } = items
    const isTrained = (itemRow: number): boolean => trained[itemRow] === 1
    return {
      modelVersion: manifest.modelVersion,
      blend: manifest.blend,
      eventTypes: manifest.data.eventTypes,
      trainedUntilMs,
      maxLength,
      dim,
      attributes,
      numArtifactItems: catalog.numItems,
      filters: createFilterCache(attributes),
      availability,
      popular: createPopularItems(popularity),
      isTrained,
      encoder: createEncodeQueue(encoder, { dim }),
      usesTimes: encoder.usesTimes,
      queries,
      index,
      newItemVectors: createNewItemVectors(index, { attributes, isTrained }),
      lifecycle,
      release,
    }
  } catch (error) {
    await release()
    throw error
  }
}

function checkBlend({ repeatWeight, halfLifeDays }: BlendConfig, folder: string): void {
  try {
    checkNumber('blend.repeatWeight', repeatWeight, 0)
    checkNumber('blend.halfLifeDays', halfLifeDays, Number.MIN_VALUE)
  } catch (cause) {
    throw new RecommenderError(
      'BAD_ARTIFACT',
      `${(cause as Error).message} In the manifest of ${folder}.`,
      { cause },
    )
  }
}
