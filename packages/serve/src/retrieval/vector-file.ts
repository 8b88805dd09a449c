import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { type SearchResult, selectTopK } from '@perennial/core'
import { innerProduct } from './inner-product.ts'

/** Rows written or hashed before the event loop gets its turn. */
const STEP_ROWS = 2048

/** Rows scanned before the event loop gets its turn: about half a millisecond. */
const SCAN_ROWS = 2048

/** Options of {@link VectorFile.scan}. */
export interface ScanOptions {
  readonly numItems: number
  /** Shape `[numItems + 1]`: rows whose value is 0 are left out. */
  readonly allowed: Uint8Array | undefined
  isRemoved(itemRow: number): boolean
  readonly signal: AbortSignal
}

/**
 * Vectors in a temporary file, for an index whose graph holds the only copy in memory.
 *
 * A read is a system call of some two microseconds; the file is as warm as the operating system has room for.
 */
export class VectorFile {
  readonly path: string
  readonly dim: number
  readonly #folder: string
  readonly #descriptor: number
  readonly #row: Float32Array
  #isClosed = false

  private constructor(folder: string, dim: number) {
    this.#folder = folder
    this.path = join(folder, 'vectors.f32')
    this.dim = dim
    this.#descriptor = openSync(this.path, 'w+')
    this.#row = new Float32Array(dim)
  }

  /**
   * Writes vectors to a new file in the system's temporary folder.
   *
   * @param vectors - Shape `[numItems + 1, dim]`. Not kept.
   */
  static async create(
    vectors: Float32Array,
    { dim, signal }: { readonly dim: number; readonly signal?: AbortSignal | undefined },
  ): Promise<VectorFile> {
    const file = new VectorFile(await mkdtemp(join(tmpdir(), 'perennial-vectors-')), dim)
    try {
      for (let start = 0; start < vectors.length; start += STEP_ROWS * dim) {
        signal?.throwIfAborted()
        const rows = vectors.subarray(start, start + STEP_ROWS * dim)
        writeSync(file.#descriptor, rows, 0, rows.byteLength, 4 * start)
        await setImmediate()
      }
    } catch (error) {
      await file.close()
      throw error
    }
    return file
  }

  /** Writes the vector of a row into `target` from `offset` on. */
  read(itemRow: number, target: Float32Array, offset = 0): void {
    const bytes = 4 * this.dim
    readSync(this.#descriptor, this.#row, 0, bytes, itemRow * bytes)
    target.set(this.#row, offset)
  }

  /** Replaces the vector of a row, or adds one. */
  write(itemRow: number, vector: Float32Array): void {
    const bytes = 4 * this.dim
    writeSync(this.#descriptor, vector, 0, bytes, itemRow * bytes)
  }

  /**
   * Returns the `k` rows of highest inner product by reading the whole file, in slices between which the event loop goes on.
   */
  async scan(query: Float32Array, k: number, options: ScanOptions): Promise<SearchResult> {
    const { numItems, allowed, isRemoved, signal } = options
    const { dim } = this
    const scores = new Float32Array(numItems + 1).fill(-Infinity)
    const block = new Float32Array(SCAN_ROWS * dim)
    for (let first = 1; first <= numItems; first += SCAN_ROWS) {
      signal.throwIfAborted()
      const end = Math.min(first + SCAN_ROWS, numItems + 1)
      readSync(this.#descriptor, block, 0, 4 * dim * (end - first), 4 * dim * first)
      for (let row = first; row < end; row++) {
        if (allowed?.[row] === 0 || isRemoved(row)) continue
        const start = (row - first) * dim
        scores[row] = innerProduct(query, block.subarray(start, start + dim))
      }
      await setImmediate()
    }
    const itemRows = selectTopK(scores, Math.min(k, numItems), 1)
    return { itemRows, scores: Float32Array.from(itemRows, (row) => scores[row] as number) }
  }

  /** Closes and removes the file; closing twice is no error. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    closeSync(this.#descriptor)
    await rm(this.#folder, { recursive: true, force: true })
  }
}

/** Returns the sha256 of vectors, in hexadecimal digits. */
export async function hashVectors(vectors: Float32Array, dim: number): Promise<string> {
  const hash = createHash('sha256')
  for (let start = 0; start < vectors.length; start += STEP_ROWS * dim) {
    hash.update(vectors.subarray(start, start + STEP_ROWS * dim))
    await setImmediate()
  }
  return hash.digest('hex')
}
