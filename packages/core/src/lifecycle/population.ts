import { checkInteger, checkNumber } from '../errors.ts'
import { selectTopK } from '../top-k.ts'
import { GrowingLists } from './growing-lists.ts'
import type { ItemScores } from './item-scores.ts'

/** Options of {@link Population}. */
export interface PopulationOptions {
  readonly numItems: number
  /** Days after which a purchase counts half when users are compared. @defaultValue 180 */
  readonly similarityHalfLifeDays?: number | undefined
  /** Days after which a neighbour's purchase counts half: one or two kinds of score. @defaultValue `[30, 15]` */
  readonly recentHalfLivesDays?: readonly number[] | undefined
  /** Users taken for nearest. @defaultValue 200 */
  readonly neighbors?: number | undefined
}

/** What a purchase was to its user. */
export interface AddedPurchase {
  /** Days on which he bought the item so far, this one included; 0 if he had bought it that day already. */
  readonly count: number
  /** Days since the purchase before; 0 if there was none, or if this one is older. */
  readonly gapDays: number
}

/** The nearest users of a customer. */
export interface Neighbors {
  /** Rows of users, nearest first. */
  readonly userRows: Int32Array
  /** Cosine with each, times a factor that all share; above 0. */
  readonly similarities: Float64Array
}

/** Half-lives after which the reference of weights moves: squares of weights must fit into a double. */
const LARGEST_EXPONENT = 400

/** Columns of a user's items, and of an item's owners. */
const ITEM = 0
const OWNER_SLOT = 1
const COUNT = 2
const LAST_DAY = 3
const RECENT = 4
const USER = 0
const ITEM_SLOT = 1
const WEIGHT = 2

/**
 * All users' purchases, kept so that the users most alike to a customer are found without a scan of the log: a search
 * walks the owners of the customer's own items.
 *
 * Weights that decay are kept relative to the first day, as in `ItemStatistics`; cosines do not change with time.
 */
export class Population {
  readonly numItems: number
  readonly similarityHalfLifeDays: number
  readonly recentHalfLivesDays: readonly number[]
  readonly numNeighbors: number
  #referenceDay = Number.NaN
  /** Newest day of a purchase. */
  #newestDay = -Infinity
  /** By user: his items. */
  readonly #items: GrowingLists
  /** By item: its owners, and what the item weighs for each. */
  readonly #owners: GrowingLists
  /** By user: squared length of his vector. */
  #squares = new Float64Array(0)
  #lastVisits = new Int32Array(0)
  #closeness = new Float64Array(0)

  constructor({
    numItems,
    similarityHalfLifeDays = 180,
    recentHalfLivesDays = [30, 15],
    neighbors = 200,
  }: PopulationOptions) {
    checkNumber('similarityHalfLifeDays', similarityHalfLifeDays, Number.MIN_VALUE)
    for (const halfLife of recentHalfLivesDays)
      checkNumber('recentHalfLivesDays', halfLife, Number.MIN_VALUE)
    checkInteger('number of `recentHalfLivesDays`', recentHalfLivesDays.length, 1, 2)
    checkInteger('neighbors', neighbors, 1)
    this.numItems = numItems
    this.similarityHalfLifeDays = similarityHalfLifeDays
    this.recentHalfLivesDays = recentHalfLivesDays
    this.numNeighbors = neighbors
    const recents = recentHalfLivesDays.map(() => 'float64' as const)
    // A pair is in both tables, and each knows its slot in the other.
    this.#items = new GrowingLists(
      ['int32', 'int32', 'int32', 'int32', ...recents],
      (_, from, to) => {
        this.#owners.ints(ITEM_SLOT)[this.#items.ints(OWNER_SLOT)[from] as number] = to
      },
    )
    this.#owners = new GrowingLists(['int32', 'int32', 'float64'], (_, from, to) => {
      this.#items.ints(OWNER_SLOT)[this.#owners.ints(ITEM_SLOT)[from] as number] = to
    })
  }

  /** Adds a purchase; a second one of the same item on the user's newest day of it changes nothing. */
  add(userRow: number, itemRow: number, day: number): AddedPurchase {
    this.#approach(day)
    this.#newestDay = Math.max(this.#newestDay, day)
    this.#makeRoom(userRow)
    let slot = this.#find(userRow, itemRow)
    let count = 1
    let gapDays = 0
    if (slot < 0) slot = this.#addPair(userRow, itemRow)
    else {
      const lastDay = this.#items.ints(LAST_DAY)[slot] as number
      if (lastDay === day) return { count: 0, gapDays: 0 }
      count = (this.#items.ints(COUNT)[slot] as number) + 1
      gapDays = Math.max(0, day - lastDay)
    }
    this.#items.ints(COUNT)[slot] = count
    const lastDays = this.#items.ints(LAST_DAY)
    if (count === 1 || day > (lastDays[slot] as number)) lastDays[slot] = day
    this.recentHalfLivesDays.forEach((halfLife, n) => {
      const recent = this.#items.doubles(RECENT + n)
      recent[slot] = (recent[slot] as number) + this.#weight(day, halfLife)
    })
    const weights = this.#owners.doubles(WEIGHT)
    const ownerSlot = this.#items.ints(OWNER_SLOT)[slot] as number
    const before = weights[ownerSlot] as number
    const after = before + this.#weight(day, this.similarityHalfLifeDays)
    weights[ownerSlot] = after
    this.#squares[userRow] = (this.#squares[userRow] as number) + after * after - before * before
    if (day > (this.#lastVisits[userRow] as number)) this.#lastVisits[userRow] = day
    return { count, gapDays }
  }

  /** The newest day of a user, or `undefined` before his first. */
  lastVisitOf(userRow: number): number | undefined {
    return this.#items.lengthOf(userRow) === 0 ? undefined : this.#lastVisits[userRow]
  }

  /** Returns the distinct items of a user, in order of first purchase. */
  itemsOf(userRow: number): Int32Array {
    const start = this.#items.startOf(userRow)
    return this.#items.ints(ITEM).slice(start, start + this.#items.lengthOf(userRow))
  }

  /**
   * Returns the users whose decayed purchases are most alike to a profile, by cosine.
   *
   * @param profile - Distinct item rows and their weights, all by one half-life (`similarityHalfLifeDays`).
   * @param exclude - Row of the user himself, if he is one.
   */
  nearest(
    profile: { readonly itemRows: Int32Array; readonly weights: Float64Array },
    exclude: number | undefined,
  ): Neighbors {
    if (this.#closeness.length < this.#squares.length)
      this.#closeness = new Float64Array(this.#squares.length)
    const closeness = this.#closeness
    const touched: number[] = []
    const users = this.#owners.ints(USER)
    const weights = this.#owners.doubles(WEIGHT)
    for (const [n, itemRow] of profile.itemRows.entries()) {
      const weight = profile.weights[n] as number
      const start = this.#owners.startOf(itemRow)
      const end = start + this.#owners.lengthOf(itemRow)
      for (let e = start; e < end; e++) {
        const user = users[e] as number
        if (closeness[user] === 0) touched.push(user)
        closeness[user] = (closeness[user] as number) + weight * (weights[e] as number)
      }
    }
    const cosines = new Float32Array(touched.length)
    touched.forEach((user, n) => {
      cosines[n] =
        user === exclude
          ? -Infinity
          : (closeness[user] as number) / Math.sqrt(this.#squares[user] as number)
      closeness[user] = 0
    })
    const best = selectTopK(cosines, Math.min(this.numNeighbors, touched.length))
    return {
      userRows: best.map((n) => touched[n] as number),
      similarities: Float64Array.from(best, (n) => cosines[n] as number),
    }
  }

  /**
   * Adds to scores what the neighbours bought: `sum over v of similarity(v) w(v, i) / sum of similarity`.
   *
   * @param targets - One for each of `recentHalfLivesDays`, where `w(v, i)` is the sum of `0.5^(age / halfLife)` over v's
   * purchases of i; then, if there is one more, one where it is 1 for each item that v ever bought.
   */
  addPurchasesOf(
    { userRows, similarities }: Neighbors,
    targets: readonly ItemScores[],
    askedDay: number,
  ): void {
    // The shop is as it stands: a question about the past does not make later purchases worth more than new ones.
    const asOfDay = Math.max(askedDay, this.#newestDay)
    const sum = similarities.reduce((total, similarity) => total + similarity, 0)
    if (sum === 0) return
    const items = this.#items.ints(ITEM)
    const kinds = targets.map((scores, n) => {
      const halfLife = this.recentHalfLivesDays[n]
      const weights = halfLife === undefined ? undefined : this.#items.doubles(RECENT + n)
      const fade = halfLife === undefined ? 1 : 1 / this.#weight(asOfDay, halfLife)
      return { scores, entries: { itemRows: items, weights }, fade }
    })
    // A neighbour's entries are read once into the cache for all kinds.
    for (let v = 0; v < userRows.length; v++) {
      const share = (similarities[v] as number) / sum
      const start = this.#items.startOf(userRows[v] as number)
      const end = start + this.#items.lengthOf(userRows[v] as number)
      for (const { scores, entries, fade } of kinds)
        scores.addRange(entries, { start, end, factor: share * fade })
    }
  }

  #find(userRow: number, itemRow: number): number {
    const items = this.#items.ints(ITEM)
    const start = this.#items.startOf(userRow)
    const end = start + this.#items.lengthOf(userRow)
    for (let e = start; e < end; e++) if (items[e] === itemRow) return e
    return -1
  }

  #addPair(userRow: number, itemRow: number): number {
    const slot = this.#items.append(userRow)
    this.#items.ints(ITEM)[slot] = itemRow
    const ownerSlot = this.#owners.append(itemRow)
    this.#owners.ints(USER)[ownerSlot] = userRow
    this.#owners.ints(ITEM_SLOT)[ownerSlot] = slot
    this.#items.ints(OWNER_SLOT)[slot] = ownerSlot
    return slot
  }

  #makeRoom(userRow: number): void {
    if (userRow < this.#squares.length) return
    const size = Math.max(userRow + 1, Math.ceil(1.5 * this.#squares.length))
    const squares = new Float64Array(size)
    squares.set(this.#squares)
    this.#squares = squares
    const lastVisits = new Int32Array(size).fill(-(2 ** 30))
    lastVisits.set(this.#lastVisits)
    this.#lastVisits = lastVisits
  }

  /** Moves the reference to a day when weights relative to the old one would outgrow a double. */
  #approach(day: number): void {
    if (Number.isNaN(this.#referenceDay)) this.#referenceDay = day
    const span = day - this.#referenceDay
    const shortest = Math.min(this.similarityHalfLifeDays, ...this.recentHalfLivesDays)
    if (span <= LARGEST_EXPONENT * shortest) return
    const fade = (values: Float64Array, factor: number): void => {
      for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) * factor
    }
    for (const [n, halfLife] of this.recentHalfLivesDays.entries())
      fade(this.#items.doubles(RECENT + n), 2 ** (-span / halfLife))
    const factor = 2 ** (-span / this.similarityHalfLifeDays)
    fade(this.#owners.doubles(WEIGHT), factor)
    fade(this.#squares, factor * factor)
    this.#referenceDay = day
  }

  #weight(day: number, halfLife: number): number {
    return 2 ** ((day - this.#referenceDay) / halfLife)
  }
}
