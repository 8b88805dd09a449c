/** Kinds of number that a column of {@link GrowingLists} may hold. */
export type ColumnKind = 'int32' | 'float64'

/**
 * Many lists of entries that grow at their ends, all in a few arrays: a list is a block of slots, and moves to a
 * block of twice the size when it is full.
 *
 * Columns are replaced when they grow, so hold on to none of them across {@link GrowingLists.append}.
 */
export class GrowingLists {
  #starts = new Int32Array(0)
  #lengths = new Int32Array(0)
  #capacities = new Int32Array(0)
  #end = 0
  readonly #columns: (Int32Array | Float64Array)[]
  /** Called for each entry of a list that moves, with its old and new slot. */
  readonly #onMove: ((list: number, from: number, to: number) => void) | undefined

  constructor(
    kinds: readonly ColumnKind[],
    onMove?: (list: number, from: number, to: number) => void,
  ) {
    this.#columns = kinds.map((kind) =>
      kind === 'int32' ? new Int32Array(1024) : new Float64Array(1024),
    )
    this.#onMove = onMove
  }

  /** First slot of a list. */
  startOf(list: number): number {
    return this.#starts[list] ?? 0
  }

  /** Entries of a list. */
  lengthOf(list: number): number {
    return this.#lengths[list] ?? 0
  }

  ints(column: number): Int32Array {
    return this.#columns[column] as Int32Array
  }

  doubles(column: number): Float64Array {
    return this.#columns[column] as Float64Array
  }

  /** Adds an entry of zeros to a list and returns its slot. */
  append(list: number): number {
    if (list >= this.#lengths.length) this.#addLists(list + 1)
    const length = this.#lengths[list] as number
    if (length === this.#capacities[list]) this.#move(list, Math.max(4, 2 * length))
    this.#lengths[list] = length + 1
    return (this.#starts[list] as number) + length
  }

  #addLists(count: number): void {
    const size = Math.max(count, Math.ceil(1.5 * this.#lengths.length))
    const grow = (values: Int32Array): Int32Array<ArrayBuffer> => {
      const larger = new Int32Array(size)
      larger.set(values)
      return larger
    }
    this.#starts = grow(this.#starts)
    this.#lengths = grow(this.#lengths)
    this.#capacities = grow(this.#capacities)
  }

  #move(list: number, capacity: number): void {
    const from = this.#starts[list] as number
    const length = this.#lengths[list] as number
    const to = this.#end
    this.#end += capacity
    for (const [i, column] of this.#columns.entries()) {
      let target = column
      if (this.#end > column.length) {
        const size = Math.max(this.#end, 2 * column.length)
        target = column instanceof Int32Array ? new Int32Array(size) : new Float64Array(size)
        target.set(column as never)
        this.#columns[i] = target
      }
      target.copyWithin(to, from, from + length)
    }
    if (this.#onMove !== undefined)
      for (let i = 0; i < length; i++) this.#onMove(list, from + i, to + i)
    this.#starts[list] = to
    this.#capacities[list] = capacity
  }
}
