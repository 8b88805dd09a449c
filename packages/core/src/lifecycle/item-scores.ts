/** Items side by side with what each weighs. */
export interface ScoredRange {
  readonly itemRows: Int32Array
  readonly weights: Float64Array | undefined
}

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

  /**
   * Adds `factor * weights[e]` to the score of `itemRows[e]` for each entry of a range; `factor` where there are no weights.
   * The same as calling {@link ItemScores.add} for each, in a loop that stays in one function.
   */
  addRange(
    { itemRows, weights }: ScoredRange,
    {
      start,
      end,
      factor,
    }: { readonly start: number; readonly end: number; readonly factor: number },
  ): void {
    const values = this.#values
    const isTouched = this.#isTouched
    const touched = this.#touched
    let count = this.#numTouched
    for (let e = start; e < end; e++) {
      const itemRow = itemRows[e] as number
      if (isTouched[itemRow] === 0) {
        isTouched[itemRow] = 1
        touched[count++] = itemRow
      }
      const weight = weights === undefined ? factor : factor * (weights[e] as number)
      values[itemRow] = (values[itemRow] as number) + weight
    }
    this.#numTouched = count
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
