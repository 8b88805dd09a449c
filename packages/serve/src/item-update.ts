/** What a shop says of an item now. Fields left out stay as they are; `null` forgets one. */
export interface ItemUpdate {
  readonly itemId: string
  readonly title?: string | null | undefined
  /** From the widest category to the narrowest. */
  readonly categoryPath?: readonly string[] | null | undefined
  /** Price of one unit, 0 or more, in the currency of the training data. */
  readonly price?: number | null | undefined
  /** Units at hand, 0 or more. */
  readonly stock?: number | null | undefined
  /** Further fields for filters, `brand` among them: text, numbers or flags by name; `null` forgets one. */
  readonly attributes?: Readonly<Record<string, string | number | boolean | null>> | undefined
  /** Whether the item may be recommended. @defaultValue true */
  readonly active?: boolean | undefined
  /** When price and stock were known to be so, RFC 3339. @defaultValue now */
  readonly asOf?: string | undefined
}

/** What became of item updates. */
export interface ItemUpdateResult {
  /** Items that the model or an earlier update knew. */
  readonly updated: number
  /** Items new to the catalogue. */
  readonly added: number
  /** Updates with an `asOf` before that of what is known; they change nothing. */
  readonly outdated: number
  /** How each added item got its vector. */
  readonly vectors: {
    /** Mean of items with the narrowest common category. */
    readonly category: number
    /** Nothing was there to derive one from: the item is found by filters, promotion and popularity alone. */
    readonly none: number
  }
}
