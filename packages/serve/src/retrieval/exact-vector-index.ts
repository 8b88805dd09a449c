import {
  checkInteger,
  checkSearch,
  RecommenderError,
  type SearchOptions,
  type SearchResult,
} from '@perennial/core'
import { compileKernels } from './kernels.ts'
import { mergeParts } from './merge-parts.ts'
import { runSearchJob } from './search-job.ts'
import { createSearchPool, type SearchPool } from './search-pool.ts'
import { SearchSlot, type SearchSpec } from './search-slot.ts'
import type { VectorEncoding } from './segment-layout.ts'
import type { VectorIndex } from './vector-index.ts'
import { VectorTable } from './vector-table.ts'

/** Options of {@link createExactVectorIndex}. */
export interface ExactVectorIndexOptions {
  /** Length of a vector. */
  readonly dim: number
  /** `float32` finds exactly the best; `int8` takes two fifths of the memory and half the time, and misses few. */
  readonly encoding: VectorEncoding
  /** Threads that search, 1..16. */
  readonly numThreads: number
  /**
   * A scan of fewer bytes is done by the calling thread, because it is over before a thread would have answered; 0 or
   * more. @defaultValue 2 MiB, about 0.1 ms
   */
  readonly inlineBytes?: number | undefined
  /** Stops the build. */
  readonly signal?: AbortSignal | undefined
}

/** A long job is cut into chunks of about this many bytes, which threads take one by one. */
const CHUNK_BYTES = 2 ** 20
/** A job of no more bytes is done by one thread, about 1 ms: to wake a second would take as long as it saves. */
const ONE_THREAD_BYTES = 16 * 2 ** 20

/**
 * Creates an index that compares a query with every item.
 *
 * With `int8` a scan reads 8 of the 12 bits that are kept of a number and 16 of the query's; a quarter more items than are
 * wanted are then scored with all 12 bits and the query as it is. Items removed are skipped; nothing is ever rebuilt.
 *
 * @param vectors - Shape `[numItems + 1, dim]`, row-major, finite; row 0 is padding. Not kept.
 * @throws {@link RecommenderError} `SHAPE_MISMATCH`; `INVALID_OPTION`; `OUT_OF_MEMORY`.
 */
export async function createExactVectorIndex(
  vectors: Float32Array,
  { dim, encoding, numThreads, inlineBytes = 2 * 2 ** 20, signal }: ExactVectorIndexOptions,
): Promise<VectorIndex> {
  checkInteger('numThreads', numThreads, 1, 16)
  checkInteger('inlineBytes', inlineBytes, 0)
  const module = await compileKernels()
  const table = await VectorTable.build(vectors, { dim, encoding, module, signal })
  const index = new ExactVectorIndex(table, { module, numThreads, inlineBytes })
  if (!index.isInline) await index.startThreads()
  return index
}

interface ExactIndexParts {
  readonly module: WebAssembly.Module
  readonly numThreads: number
  readonly inlineBytes: number
}

type Wanted = Omit<SearchSpec, 'segmentsPerChunk'>

class ExactVectorIndex implements VectorIndex {
  readonly kind: 'exact-float32' | 'exact-int8'
  readonly dim: number
  readonly #table: VectorTable
  readonly #parts: ExactIndexParts
  readonly #inlineSlot: SearchSlot
  /** Slots that no job uses, and who waits for one. */
  readonly #freeSlots: SearchSlot[]
  readonly #waiting: ((slot: SearchSlot) => void)[] = []
  #pool: Promise<SearchPool> | undefined
  #numSearches = 0
  #numPending = 0
  #isClosed = false

  constructor(table: VectorTable, parts: ExactIndexParts) {
    this.kind = `exact-${table.layout.encoding}`
    this.dim = table.layout.dim
    this.#table = table
    this.#parts = parts
    const { numThreads } = parts
    this.#inlineSlot = new SearchSlot(table, 1)
    this.#freeSlots = Array.from(
      { length: 2 * numThreads },
      () => new SearchSlot(table, numThreads),
    )
  }

  get numItems(): number {
    return this.#table.numItems
  }

  get memoryBytes(): number {
    return this.#table.memoryBytes
  }

  get numTombstones(): number {
    return this.#table.numTombstones
  }

  /** Whether a scan is short enough for the calling thread. */
  get isInline(): boolean {
    return this.numItems * this.#table.layout.scannedBytes <= this.#parts.inlineBytes
  }

  /** Starts the threads unless they run. */
  startThreads(): Promise<SearchPool> {
    const { module, numThreads } = this.#parts
    const { memory } = this.#table.memory
    const onFailure = (): void => {
      this.#pool = undefined
    }
    this.#pool ??= createSearchPool({ memory, module, numThreads, onFailure }).catch(
      (error: unknown) => {
        // The next search tries again.
        onFailure()
        throw error
      },
    )
    return this.#pool
  }

  search(query: Float32Array, k: number, { allowed }: SearchOptions = {}): Promise<SearchResult> {
    return this.#search({ query, k, allowed, isExact: false })
  }

  searchExactly(
    query: Float32Array,
    k: number,
    { allowed }: SearchOptions = {},
  ): Promise<SearchResult> {
    return this.#search({ query, k, allowed, isExact: true })
  }

  readVector(itemRow: number, target: Float32Array, offset = 0): void {
    this.#table.readVector(itemRow, target, offset)
  }

  score(query: Float32Array, itemRow: number): number {
    return this.#table.score(query, itemRow)
  }

  set(itemRow: number, vector: Float32Array): void {
    this.#table.set(itemRow, vector)
  }

  remove(itemRow: number): void {
    this.#table.remove(itemRow)
  }

  statistics(): ReturnType<VectorIndex['statistics']> {
    return {
      numSearches: this.#numSearches,
      numPending: this.#numPending,
      numThreads: this.#pool === undefined ? 0 : this.#parts.numThreads,
      numRebuilds: 0,
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const pool = await this.#pool?.catch(() => undefined)
    await pool?.close()
  }

  async #search({ query, k, allowed, isExact }: Wanted): Promise<SearchResult> {
    this.#checkOpen()
    checkSearch(query, k, { allowed, dim: this.dim, numItems: this.numItems })
    const wanted = { query, k: Math.min(k, this.numItems), allowed, isExact }
    if (wanted.k === 0) return { itemRows: new Int32Array(0), scores: new Float32Array(0) }
    this.#numPending++
    try {
      const isShort = this.isInline && !isExact
      const result = isShort ? this.#searchInline(wanted) : await this.#searchInThreads(wanted)
      this.#numSearches++
      return result
    } finally {
      this.#numPending--
    }
  }

  #searchInline(wanted: Wanted): SearchResult {
    const slot = this.#inlineSlot
    slot.write({ ...wanted, segmentsPerChunk: this.#table.numSegments })
    const { kernels, memory } = this.#table
    const part = runSearchJob({ kernels, ints: memory.ints }, { job: slot.address, part: 0 })
    return mergeParts([slot.readPart(part)], wanted.k)
  }

  async #searchInThreads(wanted: Wanted): Promise<SearchResult> {
    const pool = await this.startThreads()
    const slot = await this.#takeSlot()
    let numChunks: number
    try {
      this.#checkOpen()
      const { scannedBytes, shift } = this.#table.layout
      const isShort = this.numItems * scannedBytes <= ONE_THREAD_BYTES
      const segmentsPerChunk = isShort
        ? this.#table.numSegments
        : Math.max(1, Math.round(CHUNK_BYTES / (scannedBytes << shift)))
      numChunks = slot.write({ ...wanted, segmentsPerChunk })
    } catch (error) {
      this.#giveSlot(slot)
      throw error
    }
    return new Promise((resolve, reject) => {
      pool.submit({
        job: slot.address,
        numChunks,
        onDone: (parts) =>
          resolve(
            mergeParts(
              parts.map((part) => slot.readPart(part)),
              wanted.k,
            ),
          ),
        onFree: () => this.#giveSlot(slot),
        onError: (error) => {
          this.#giveSlot(slot)
          reject(error)
        },
      })
    })
  }

  #takeSlot(): SearchSlot | Promise<SearchSlot> {
    return this.#freeSlots.pop() ?? new Promise((resolve) => this.#waiting.push(resolve))
  }

  #giveSlot(slot: SearchSlot): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#freeSlots.push(slot)
    else next(slot)
  }

  #checkOpen(): void {
    if (!this.#isClosed) return
    throw new RecommenderError(
      'INDEX_UNAVAILABLE',
      'Expected an open index, got one that is closed.',
    )
  }
}
