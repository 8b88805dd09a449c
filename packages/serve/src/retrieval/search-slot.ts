import type { SearchResult } from '@perennial/core'
import { JOB_BYTES, JOB_FIELDS, type JobPart, layOutPart, SCANS } from './search-job.ts'
import type { VectorTable } from './vector-table.ts'

/** Some more rows than are wanted are looked at with all bits. */
const KEPT_SHARE = 1.25
const KEPT_MORE = 16

/** Keys that are collected, beside the rows kept, before the worst are dropped: more drop less often. */
const SPARE_KEYS = 512

/** What {@link SearchSlot.write} needs to know. */
export interface SearchSpec {
  readonly query: Float32Array
  /** 1 or more. */
  readonly k: number
  readonly allowed: Uint8Array | undefined
  readonly segmentsPerChunk: number
  /** Whether all bits of all rows are looked at. */
  readonly isExact: boolean
}

/** A piece of the shared memory for one search at a time: its job, query, flags and what threads find. */
export class SearchSlot {
  /** Address of the job. */
  readonly address: number
  readonly #table: VectorTable
  readonly #numParts: number
  readonly #query: number
  readonly #packedQuery: number
  #flags = { address: 0, numRows: 0 }
  #parts = { address: 0, bytes: 0 }
  #k = 0
  #capacity = 0
  #partBytes = 0

  constructor(table: VectorTable, numParts: number) {
    this.#table = table
    this.#numParts = numParts
    const { memory, layout } = table
    this.address = memory.allocate(JOB_BYTES)
    this.#query = memory.allocate(4 * layout.width)
    this.#packedQuery = memory.allocate(2 * layout.width)
  }

  /** Writes a job over the rows that there are now, and returns its number of chunks. */
  write({ query, k, allowed, segmentsPerChunk, isExact }: SearchSpec): number {
    const { memory, kernels, layout, numSegments, numItems, segmentsAddress } = this.#table
    const isInt8 = layout.encoding === 'int8' && !isExact
    const scan = isInt8 || layout.encoding === 'float32' ? layout.encoding : 'int8-exact'
    const numKept = Math.min(isInt8 ? Math.ceil(KEPT_SHARE * k) + KEPT_MORE : k, numItems)
    const capacity = Math.min(4 * numKept, numItems + 1) + SPARE_KEYS
    this.#k = k
    this.#capacity = capacity
    this.#partBytes = layOutPart({ k, capacity }).bytes
    this.#reserveParts()
    const flags = this.#writeFlags(allowed)
    memory.floats.set(query, this.#query / 4)
    if (isInt8) kernels.packQuery(this.#query, layout.width, this.#packedQuery)
    const numChunks = Math.ceil(numSegments / segmentsPerChunk)
    const fields: Record<keyof typeof JOB_FIELDS, number> = {
      nextChunk: 0,
      numChunks,
      segmentsPerChunk,
      numSegments,
      segments: segmentsAddress,
      shift: layout.shift,
      width: layout.width,
      scan: SCANS.indexOf(scan),
      flagsOffset: layout.flagsOffset,
      flags,
      query: this.#query,
      packedQuery: this.#packedQuery,
      k,
      numKept,
      capacity,
      parts: this.#parts.address,
      partBytes: this.#partBytes,
      memoryBytes: memory.bytes.byteLength,
    }
    const { ints } = memory
    for (const [field, place] of Object.entries(JOB_FIELDS))
      ints[this.address / 4 + place] = fields[field as keyof typeof JOB_FIELDS]
    return numChunks
  }

  /** Returns a copy of what a thread found. */
  readPart({ part, count }: JobPart): SearchResult {
    const { ints, floats } = this.#table.memory
    const { rows, scores } = layOutPart({ k: this.#k, capacity: this.#capacity })
    const start = (this.#parts.address + part * this.#partBytes) / 4
    return {
      itemRows: ints.slice(start + rows / 4, start + rows / 4 + count),
      scores: floats.slice(start + scores / 4, start + scores / 4 + count),
    }
  }

  #reserveParts(): void {
    const bytes = this.#numParts * this.#partBytes
    if (bytes <= this.#parts.bytes) return
    // What was there is lost; doubling bounds that by what is in use.
    const room = Math.max(bytes, 2 * this.#parts.bytes)
    this.#parts = { address: this.#table.memory.allocate(room), bytes: room }
  }

  #writeFlags(allowed: Uint8Array | undefined): number {
    if (allowed === undefined) return 0
    const numRows = this.#table.numSegments << this.#table.layout.shift
    if (numRows > this.#flags.numRows) {
      const room = Math.max(numRows, this.#flags.numRows === 0 ? 0 : 2 * this.#flags.numRows)
      this.#flags = { address: this.#table.memory.allocate(room), numRows: room }
    }
    const { address } = this.#flags
    const { bytes } = this.#table.memory
    // Row 1 is the first place. Rows added since `allowed` was made are left out.
    bytes.set(allowed.subarray(1), address)
    bytes.fill(0, address + allowed.length - 1, address + numRows)
    this.#table.clearRemoved(address)
    return address
  }
}
