import { checkInteger } from '../errors.ts'
import {
  FIRST_HALF_LIVES,
  ITEM_HALF_LIVES,
  type ItemFacts,
  type ItemPurchase,
} from './item-facts.ts'

/** Options of {@link ItemStatistics}. */
export interface ItemStatisticsOptions {
  readonly numItems: number
  /** Length of the window of new buyers, and half-life of the rebuy rate, in days. */
  readonly horizonDays: number
}

/** Days of the longest window of purchases. */
const LONGEST_WINDOW = 56
/** Numbers that stand for one day of an item. */
const ENTRY = 3

/** Half-lives after which the reference of weights moves: a double holds 2^1023. */
const LARGEST_EXPONENT = 400

/** Purchases that the parent's rate counts for, in the rates and gaps of an item. */
const GAP_PRIOR = 10
const REBUY_PRIOR = 10
const REPEAT_PRIOR = 5
const MIN_VARIANCE = 0.05

/**
 * What is known of all items, kept up to date purchase by purchase.
 *
 * A sum that decays is kept as `sum of 2^((day - reference) / halfLife)`, so that time passing changes nothing: the
 * value at a time is that sum times `2^(-(time - reference) / halfLife)`. Windows are counted from the days of the last
 * weeks when they are asked for.
 */
export class ItemStatistics {
  readonly numItems: number
  readonly horizonDays: number
  #version = 0
  /** Newest day of a purchase. */
  #newestDay = -Infinity
  #referenceDay = Number.NaN
  readonly #decayed: readonly Float64Array[]
  readonly #firstDecayed: readonly Float64Array[]
  readonly #owned: Float64Array
  readonly #rebought: Float64Array
  readonly #numPurchases: Int32Array
  readonly #numBuyers: Int32Array
  readonly #numRepeaters: Int32Array
  readonly #firstDays: Int32Array
  readonly #lastDays: Int32Array
  readonly #numGaps: Int32Array
  readonly #logGaps: Float64Array
  readonly #squaredLogGaps: Float64Array
  readonly #logPrices: Float64Array
  readonly #numPrices: Int32Array
  /** By item: day, purchases and first purchases of each of its last days, oldest first. */
  readonly #days: (number[] | undefined)[]
  readonly #totals = {
    purchases: 0,
    owned: 0,
    rebought: 0,
    buyers: 0,
    repeaters: 0,
    gaps: 0,
    log: 0,
    squared: 0,
  }

  constructor({ numItems, horizonDays }: ItemStatisticsOptions) {
    checkInteger('numItems', numItems, 0)
    checkInteger('horizonDays', horizonDays, 1)
    this.numItems = numItems
    this.horizonDays = horizonDays
    const doubles = (): Float64Array => new Float64Array(numItems + 1)
    const ints = (): Int32Array => new Int32Array(numItems + 1)
    this.#decayed = ITEM_HALF_LIVES.map(doubles)
    this.#firstDecayed = FIRST_HALF_LIVES.map(doubles)
    this.#owned = doubles()
    this.#rebought = doubles()
    this.#numPurchases = ints()
    this.#numBuyers = ints()
    this.#numRepeaters = ints()
    this.#firstDays = ints().fill(2 ** 30)
    this.#lastDays = ints().fill(-(2 ** 30))
    this.#numGaps = ints()
    this.#logGaps = doubles()
    this.#squaredLogGaps = doubles()
    this.#logPrices = doubles()
    this.#numPrices = ints()
    this.#days = new Array(numItems + 1)
  }

  /** Rises with every change. */
  get version(): number {
    return this.#version
  }

  /** Purchases of all items. */
  get totalPurchases(): number {
    return this.#totals.purchases
  }

  /** Counts one purchase. */
  addPurchase({ itemRow, day, price, count, gapDays }: ItemPurchase): void {
    this.#approach(day)
    this.#version++
    this.#newestDay = Math.max(this.#newestDay, day)
    const isFirst = count === 1
    for (const [n, halfLife] of ITEM_HALF_LIVES.entries())
      add(this.#decayed[n], itemRow, this.#weight(day, halfLife))
    increment(this.#numPurchases, itemRow)
    this.#totals.purchases++
    if (day < (this.#firstDays[itemRow] as number)) this.#firstDays[itemRow] = day
    if (day > (this.#lastDays[itemRow] as number)) this.#lastDays[itemRow] = day
    if (price > 0) {
      add(this.#logPrices, itemRow, Math.log(price))
      increment(this.#numPrices, itemRow)
    }
    if (isFirst) {
      for (const [n, halfLife] of FIRST_HALF_LIVES.entries())
        add(this.#firstDecayed[n], itemRow, this.#weight(day, halfLife))
      increment(this.#numBuyers, itemRow)
      this.#totals.buyers++
    } else {
      // A purchase that comes late, after newer ones of its pair, has no gap.
      if (gapDays > 0) this.#addGap(itemRow, Math.log(gapDays))
      if (count === 2) {
        increment(this.#numRepeaters, itemRow)
        this.#totals.repeaters++
      }
    }
    this.#addDay(itemRow, day, isFirst)
  }

  /** Counts that an owner of each of the items made a visit. */
  addVisit(itemRows: Int32Array, day: number): void {
    const weight = this.#rebuyWeight(day)
    for (const itemRow of itemRows) add(this.#owned, itemRow, weight)
    this.#totals.owned += weight * itemRows.length
  }

  /** Counts that an owner of the item bought it again at his visit. */
  addRebuy(itemRow: number, day: number): void {
    const weight = this.#rebuyWeight(day)
    add(this.#rebought, itemRow, weight)
    this.#totals.rebought += weight
  }

  /** Purchases of an item, each counting half after `ITEM_HALF_LIVES[n]` days, up to a factor that all items share. */
  popularity(n: 0 | 1 | 2 | 3): Float64Array {
    return this.#decayed[n] as Float64Array
  }

  /** First purchases of an item, each counting half after `FIRST_HALF_LIVES[n]` days, up to a factor that all items share. */
  firstPopularity(n: 0 | 1): Float64Array {
    return this.#firstDecayed[n] as Float64Array
  }

  /** Returns what is known of an item at a day; the day of the newest purchase where that is later. */
  facts(itemRow: number, askedDay: number): ItemFacts {
    const asOfDay = Math.max(askedDay, this.#newestDay)
    const { owned, rebought, buyers, repeaters } = this.#totals
    const fade = (halfLife: number): number =>
      Number.isNaN(this.#referenceDay) ? 0 : 1 / this.#weight(asOfDay, halfLife)
    const at = (values: Float64Array | Int32Array | undefined): number =>
      values?.[itemRow] as number
    const decay = (n: 0 | 1 | 2 | 3): number => at(this.#decayed[n]) * fade(ITEM_HALF_LIVES[n])
    const horizonFade = fade(this.horizonDays)
    const rebuyRate = owned > 0 ? rebought / owned : 0
    const repeatRate = buyers > 0 ? repeaters / buyers : 0
    return {
      decayed: [decay(0), decay(1), decay(2), decay(3)],
      firstDecayed: [
        at(this.#firstDecayed[0]) * fade(FIRST_HALF_LIVES[0]),
        at(this.#firstDecayed[1]) * fade(FIRST_HALF_LIVES[1]),
      ],
      numPurchases: at(this.#numPurchases),
      numBuyers: at(this.#numBuyers),
      ...this.#windows(itemRow, asOfDay),
      rebuyRate:
        (at(this.#rebought) * horizonFade + REBUY_PRIOR * rebuyRate) /
        (at(this.#owned) * horizonFade + REBUY_PRIOR),
      repeatRate:
        (at(this.#numRepeaters) + REPEAT_PRIOR * repeatRate) / (at(this.#numBuyers) + REPEAT_PRIOR),
      firstDay: at(this.#firstDays),
      lastDay: at(this.#lastDays),
      ...this.gap(itemRow),
      meanLogPrice:
        at(this.#numPrices) > 0 ? at(this.#logPrices) / at(this.#numPrices) : Number.NaN,
    }
  }

  /**
   * Returns mean and deviation of an item's log gaps, shrunk towards those of all items: as if it had
   * {@link GAP_PRIOR} gaps more, distributed as all are.
   */
  gap(itemRow: number): Pick<ItemFacts, 'meanLogGap' | 'logGapDeviation'> {
    const { gaps, log, squared } = this.#totals
    // Without any gap in the data: a month, with a factor e either way.
    const mean = gaps > 0 ? log / gaps : Math.log(30)
    const variance = gaps > 0 ? Math.max(squared / gaps - mean * mean, MIN_VARIANCE) : 1
    const count = (this.#numGaps[itemRow] as number) + GAP_PRIOR
    const meanLogGap = ((this.#logGaps[itemRow] as number) + GAP_PRIOR * mean) / count
    const square =
      ((this.#squaredLogGaps[itemRow] as number) + GAP_PRIOR * (variance + mean * mean)) / count
    return {
      meanLogGap,
      logGapDeviation: Math.sqrt(Math.max(square - meanLogGap * meanLogGap, MIN_VARIANCE)),
    }
  }

  #addGap(itemRow: number, logGap: number): void {
    increment(this.#numGaps, itemRow)
    add(this.#logGaps, itemRow, logGap)
    add(this.#squaredLogGaps, itemRow, logGap * logGap)
    this.#totals.gaps++
    this.#totals.log += logGap
    this.#totals.squared += logGap * logGap
  }

  #addDay(itemRow: number, day: number, isFirst: boolean): void {
    const days = this.#days[itemRow] ?? []
    this.#days[itemRow] = days
    let at = days.length - ENTRY
    while (at >= 0 && (days[at] as number) > day) at -= ENTRY
    if (at < 0 || days[at] !== day) {
      at += ENTRY
      days.splice(at, 0, day, 0, 0)
    }
    days[at + 1] = (days[at + 1] as number) + 1
    if (isFirst) days[at + 2] = (days[at + 2] as number) + 1
    const oldest =
      (days[days.length - ENTRY] as number) - Math.max(LONGEST_WINDOW, this.horizonDays)
    while ((days[0] as number) < oldest) days.splice(0, ENTRY)
  }

  #windows(
    itemRow: number,
    asOfDay: number,
  ): Pick<ItemFacts, 'sold7' | 'sold28' | 'soldBefore28' | 'newBuyers'> {
    const windows = { sold7: 0, sold28: 0, soldBefore28: 0, newBuyers: 0 }
    const days = this.#days[itemRow] ?? []
    for (let at = 0; at < days.length; at += ENTRY) {
      const age = asOfDay - (days[at] as number)
      const sold = days[at + 1] as number
      if (age <= 7) windows.sold7 += sold
      if (age <= 28) windows.sold28 += sold
      else if (age <= LONGEST_WINDOW) windows.soldBefore28 += sold
      if (age <= this.horizonDays) windows.newBuyers += days[at + 2] as number
    }
    return windows
  }

  #rebuyWeight(day: number): number {
    this.#approach(day)
    this.#version++
    return this.#weight(day, this.horizonDays)
  }

  /** Moves the reference to a day when weights relative to the old one would outgrow a double. */
  #approach(day: number): void {
    if (Number.isNaN(this.#referenceDay)) this.#referenceDay = day
    const span = day - this.#referenceDay
    if (span <= LARGEST_EXPONENT * Math.min(ITEM_HALF_LIVES[0], this.horizonDays)) return
    const fade = (values: Float64Array | undefined, halfLife: number): void => {
      const factor = 2 ** (-span / halfLife)
      if (values !== undefined)
        for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) * factor
    }
    for (const [n, halfLife] of ITEM_HALF_LIVES.entries()) fade(this.#decayed[n], halfLife)
    for (const [n, halfLife] of FIRST_HALF_LIVES.entries()) fade(this.#firstDecayed[n], halfLife)
    fade(this.#owned, this.horizonDays)
    fade(this.#rebought, this.horizonDays)
    this.#totals.owned *= 2 ** (-span / this.horizonDays)
    this.#totals.rebought *= 2 ** (-span / this.horizonDays)
    this.#referenceDay = day
  }

  #weight(day: number, halfLife: number): number {
    return 2 ** ((day - this.#referenceDay) / halfLife)
  }
}

function add(values: Float64Array | undefined, i: number, amount: number): void {
  if (values !== undefined) values[i] = (values[i] as number) + amount
}

function increment(values: Int32Array, i: number): void {
  values[i] = (values[i] as number) + 1
}
