/** Scores of the items that something speaks for, made to be filled and emptied many times; all others are 0. */
export class ItemScores {
  readonly #values: Float64Array
  readonly #isTouched: Uint8Array
  readonly #touched: Int32Array
  #numTouched = 0

  constructor(numItems: number) {
    this.#values = new Float64Array(numItems + 1)
    this.#isTouched = new Uint8Array(numItems + 1)
    this.#touched = new Int32Array(numItems + 1)
  }

  get numItems(): number {
    return this.#values.length - 1
  }

  /** Adds to the score of an item. */
  add(itemRow: number, amount: number): void {
    if (this.#isTouched[itemRow] === 0) {
      this.#isTouched[itemRow] = 1
      this.#touched[this.#numTouched++] = itemRow
    }
    this.#values[itemRow] = (this.#values[itemRow] as number) + amount
  }

  /** The score of an item. */
  of(itemRow: number): number {
    return this.#values[itemRow] as number
  }

  /** Items with a score, in order of their first; a view until the next call of another method. */
  get itemRows(): Int32Array {
    return this.#touched.subarray(0, this.#numTouched)
  }

  clear(): void {
    for (const itemRow of this.itemRows) {
      this.#values[itemRow] = 0
      this.#isTouched[itemRow] = 0
    }
    this.#numTouched = 0
  }
}
