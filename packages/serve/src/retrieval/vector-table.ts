import { setImmediate } from 'node:timers/promises'
import { RecommenderError } from '@perennial/core'
import { checkRow, checkShape, checkVector, notFinite } from './check-vectors.ts'
import { bindKernels, type Kernels } from './kernels.ts'
import { layOutSegments, type SegmentLayout, type VectorEncoding } from './segment-layout.ts'
import { createVectorMemory, type VectorMemory } from './vector-memory.ts'

/** Rows copied in at a time: a divisor of a segment's. */
const STEP_ROWS = 1024

/** How long rows are copied in before the event loop gets its turn. */
const SLICE_MS = 2

/** Addresses of segments that there is room for: as many of the smallest as fit into 4 GiB of short vectors. */
const MAX_SEGMENTS = 65_536

/** Options of {@link VectorTable.build}. */
export interface VectorTableOptions {
  /** Length of a vector. */
  readonly dim: number
  readonly encoding: VectorEncoding
  /** The compiled kernels. */
  readonly module: WebAssembly.Module
  readonly signal?: AbortSignal | undefined
}

/** Vectors of items in a memory that threads share. Rows are `1..numItems`; their places do not move. */
export class VectorTable {
  readonly layout: SegmentLayout
  readonly memory: VectorMemory
  readonly kernels: Kernels
  /** Where the addresses of the segments are, int32. */
  readonly segmentsAddress: number
  readonly #segments: number[] = []
  readonly #query: number
  readonly #staging: number
  #numItems = 0
  #numTombstones = 0

  private constructor(layout: SegmentLayout, module: WebAssembly.Module) {
    this.layout = layout
    this.memory = createVectorMemory()
    this.kernels = bindKernels(module, this.memory.memory)
    this.segmentsAddress = this.memory.allocate(4 * MAX_SEGMENTS)
    this.#query = this.memory.allocate(4 * layout.width)
    this.#staging = this.memory.allocate(4 * layout.dim * STEP_ROWS)
  }

  /**
   * Copies vectors into a new table, in slices between which the event loop goes on.
   *
   * @param vectors - Shape `[numItems + 1, dim]`, row-major; row 0 is padding. Not kept.
   * @throws {@link RecommenderError} `INVALID_OPTION`; `SHAPE_MISMATCH` if `vectors` is no whole number of rows, has
   * no row, or holds a value that is not finite; `OUT_OF_MEMORY`.
   */
  static async build(
    vectors: Float32Array,
    { dim, encoding, module, signal }: VectorTableOptions,
  ): Promise<VectorTable> {
    const numItems = checkShape(vectors, dim)
    const table = new VectorTable(layOutSegments(encoding, { dim, numItems }), module)
    let sliceEndMs = performance.now() + SLICE_MS
    for (let row = 1; row <= numItems; row += STEP_ROWS) {
      signal?.throwIfAborted()
      const endRow = Math.min(row + STEP_ROWS, numItems + 1)
      table.#append(vectors.subarray(row * dim, endRow * dim))
      if (performance.now() < sliceEndMs) continue
      await setImmediate()
      sliceEndMs = performance.now() + SLICE_MS
    }
    return table
  }

  get numItems(): number {
    return this.#numItems
  }

  get numSegments(): number {
    return this.#segments.length
  }

  get numTombstones(): number {
    return this.#numTombstones
  }

  /** Bytes of all segments. */
  get memoryBytes(): number {
    return this.#segments.length * this.layout.segmentBytes
  }

  /** See {@link VectorIndex.set}. */
  set(itemRow: number, vector: Float32Array): void {
    checkRow(itemRow, this.#numItems + 1)
    checkVector(vector, this.layout.dim, 'an item vector')
    if (itemRow > this.#numItems) {
      this.#append(vector)
      return
    }
    const flag = this.#flagAddress(itemRow)
    if (this.memory.bytes[flag] === 0) this.#numTombstones--
    // A scan that comes by meanwhile leaves the row out.
    this.memory.bytes[flag] = 0
    this.memory.floats.set(vector, this.#staging / 4)
    this.#store(itemRow, 1)
    this.memory.bytes[flag] = 1
  }

  /** See {@link VectorIndex.remove}. */
  remove(itemRow: number): void {
    checkRow(itemRow, this.#numItems)
    const flag = this.#flagAddress(itemRow)
    if (this.memory.bytes[flag] === 0) return
    this.memory.bytes[flag] = 0
    this.#numTombstones++
  }

  /** See {@link VectorIndex.readVector}. */
  readVector(itemRow: number, target: Float32Array, offset = 0): void {
    const { dim, width, encoding, shift } = this.layout
    if (itemRow === 0) {
      target.fill(0, offset, offset + dim)
      return
    }
    checkRow(itemRow, this.#numItems)
    let from = this.#segmentOf(itemRow) + 4 * width * this.#placeOf(itemRow)
    if (encoding === 'int8') {
      from = this.#staging
      const place = this.#placeOf(itemRow)
      this.kernels.readInt8(this.#segmentOf(itemRow), 1 << shift, width, place, from, dim)
    }
    const { floats } = this.memory
    for (let d = 0; d < dim; d++) target[offset + d] = floats[from / 4 + d] as number
  }

  /** See {@link VectorIndex.score}. */
  score(query: Float32Array, itemRow: number): number {
    const { dim, width, encoding, shift } = this.layout
    checkVector(query, dim)
    checkRow(itemRow, this.#numItems)
    this.memory.floats.set(query, this.#query / 4)
    const segment = this.#segmentOf(itemRow)
    const place = this.#placeOf(itemRow)
    return encoding === 'int8'
      ? this.kernels.scoreInt8(segment, 1 << shift, width, place, this.#query)
      : this.kernels.scoreFloat32(segment, width, place, this.#query)
  }

  /** Clears flags of rows `1..` at an address where the item was removed. */
  clearRemoved(flags: number): void {
    const numRows = 1 << this.layout.shift
    this.#segments.forEach((segment, i) => {
      const own = segment + this.layout.flagsOffset
      this.kernels.keepFlags(flags + i * numRows, own, numRows)
    })
  }

  #append(rows: Float32Array): void {
    const { dim, shift } = this.layout
    const first = this.#numItems + 1
    const count = rows.length / dim
    this.memory.floats.set(rows, this.#staging / 4)
    const wrong = this.kernels.findNotFinite(this.#staging, rows.length)
    if (wrong >= 0) throw notFinite(rows[wrong] as number, { dim, position: first * dim + wrong })
    while (this.#segments.length << shift < this.#numItems + count) this.#addSegment()
    this.#store(first, count)
    const flag = this.#flagAddress(first)
    this.memory.bytes.fill(1, flag, flag + count)
    this.#numItems += count
  }

  #addSegment(): void {
    if (this.#segments.length === MAX_SEGMENTS) {
      throw new RecommenderError(
        'OUT_OF_MEMORY',
        `Expected at most ${MAX_SEGMENTS << this.layout.shift} items in an index that began small. Load the artifact again.`,
      )
    }
    const address = this.memory.allocate(this.layout.segmentBytes)
    this.memory.ints[this.segmentsAddress / 4 + this.#segments.length] = address
    this.#segments.push(address)
  }

  /** Writes rows from the staging area; they lie in one segment. */
  #store(first: number, count: number): void {
    const { dim, width, encoding, shift } = this.layout
    const segment = this.#segmentOf(first)
    const place = this.#placeOf(first)
    if (encoding === 'int8') {
      this.kernels.storeInt8(segment, 1 << shift, width, place, this.#staging, dim, count)
      return
    }
    const { floats } = this.memory
    for (let i = 0; i < count; i++) {
      const from = this.#staging / 4 + i * dim
      floats.copyWithin(segment / 4 + (place + i) * width, from, from + dim)
    }
  }

  #segmentOf(itemRow: number): number {
    return this.#segments[(itemRow - 1) >> this.layout.shift] as number
  }

  #placeOf(itemRow: number): number {
    return (itemRow - 1) & ((1 << this.layout.shift) - 1)
  }

  #flagAddress(itemRow: number): number {
    return this.#segmentOf(itemRow) + this.layout.flagsOffset + this.#placeOf(itemRow)
  }
}
