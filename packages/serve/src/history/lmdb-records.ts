import { stat } from 'node:fs/promises'
import { RecommenderError } from '@perennial/core'
import { commitUpdates, type WaitingUpdate } from './commit-updates.ts'
import { decodeRecord, type HistoryRecord } from './history-record.ts'
import type { HistoryStatistics } from './history-store.ts'
import {
  findRecord,
  type LmdbEnvironment,
  openLmdbEnvironment,
  readTotals,
} from './lmdb-environment.ts'
import { generationPath, readPiece, removeLmdbFile, writeGeneration } from './lmdb-generations.ts'
import type { FolderLock } from './lock-folder.ts'
import type { RecordBackend, RecordChange } from './record-backend.ts'

/** Most updates in a transaction. */
const MAX_BATCH = 1_000

/** Options of {@link LmdbRecords}. */
export interface LmdbRecordsOptions {
  /** Number of the file to open, as `recoverGeneration` found it. */
  readonly generation: number
  /** Given back by `close`. */
  readonly lock: FolderLock
}

/** Records in a file of LMDB. Reads see what is committed; updates that wait at the same time share a transaction. */
export class LmdbRecords implements RecordBackend {
  readonly kind = 'lmdb'
  readonly #folder: string
  readonly #lock: FolderLock
  readonly #waiting: WaitingUpdate[] = []
  #generation: number
  #environment: LmdbEnvironment
  /** Resolves when all writing that was asked for is done. */
  #writing: Promise<unknown> = Promise.resolve()
  #isClosed = false

  constructor(folder: string, { generation, lock }: LmdbRecordsOptions) {
    this.#folder = folder
    this.#lock = lock
    this.#generation = generation
    this.#environment = openLmdbEnvironment(generationPath(folder, generation))
  }

  async read(key: string): Promise<HistoryRecord | undefined> {
    this.#checkOpen()
    return findRecord(this.#environment, key)
  }

  async update<Result>(
    keys: readonly string[],
    change: (records: readonly HistoryRecord[]) => RecordChange<Result>,
  ): Promise<Result> {
    this.#checkOpen()
    return new Promise((resolve, reject) => {
      this.#waiting.push({ keys, change, resolve: (result) => resolve(result as Result), reject })
      if (this.#waiting.length === 1) void this.#enqueue(() => this.#commitBatch())
    })
  }

  async erasures(): Promise<ReadonlyMap<string, number>> {
    this.#checkOpen()
    const entries = this.#environment.erasures.getRange({})
    return new Map(entries.map(({ key, value }) => [key, value] as const))
  }

  async *scan(): AsyncIterable<readonly [string, HistoryRecord]> {
    let lastKey: string | undefined
    do {
      this.#checkOpen()
      // In pieces, since an open range would keep the file from being closed and its pages from being reused.
      const piece = readPiece(this.#environment.records, lastKey)
      for (const { key, value } of piece) yield [key, decodeRecord(value)]
      lastKey = piece.at(-1)?.key
    } while (lastKey !== undefined)
  }

  async compact(): Promise<void> {
    this.#checkOpen()
    await this.#enqueue(() => this.#rewrite())
  }

  async statistics(): Promise<HistoryStatistics> {
    this.#checkOpen()
    const { size } = await stat(generationPath(this.#folder, this.#generation))
    return { ...readTotals(this.#environment), bytes: size }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await this.#enqueue(async () => {
      while (this.#waiting.length > 0) await this.#commitBatch()
      await this.#environment.root.close()
      await this.#lock.release()
    })
  }

  /** Runs tasks that write one after another; a failed one is its caller's and does not stop the next. */
  #enqueue(task: () => Promise<void>): Promise<void> {
    const done = this.#writing.then(task)
    this.#writing = done.catch(() => undefined)
    return done
  }

  async #commitBatch(): Promise<void> {
    // They stay in line until they are written, so that those that come meanwhile do not ask for another turn.
    const batch = this.#waiting.slice(0, MAX_BATCH)
    await commitUpdates(this.#environment, batch)
    this.#waiting.splice(0, batch.length)
    if (this.#waiting.length > 0 && !this.#isClosed) void this.#enqueue(() => this.#commitBatch())
  }

  async #rewrite(): Promise<void> {
    if (!(await this.#lock.isHeld())) {
      throw unavailable(`the folder ${this.#folder} to be locked by this store`, 'another lock')
    }
    const { root } = this.#environment
    const oldPath = generationPath(this.#folder, this.#generation)
    const generation = this.#generation + 1
    await writeGeneration(this.#folder, { generation, source: this.#environment })
    this.#environment = openLmdbEnvironment(generationPath(this.#folder, generation))
    this.#generation = generation
    await root.close()
    await removeLmdbFile(oldPath)
  }

  #checkOpen(): void {
    if (this.#isClosed) throw unavailable('the history store to be open', 'a call after close()')
  }
}

function unavailable(expected: string, got: string): RecommenderError {
  return new RecommenderError('STORE_UNAVAILABLE', `Expected ${expected}, got ${got}.`)
}
