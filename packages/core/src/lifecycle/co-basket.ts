import type { Sequences } from '../data/sequences.ts'
import { checkInteger, checkNumber } from '../errors.ts'
import { createDecay } from './decay.ts'
import { collectVisits, createCoOccurrence } from './item-groups.ts'
import { buildItemLinks, type ItemLinks } from './item-links.ts'

/** Options of {@link fitCoBasket}. */
export interface CoBasketOptions {
  /** Items of the catalogue; rows are `1..numItems`. */
  readonly numItems: number
  /** Day of the question (since 1970-01-01 UTC), on or after the last day of the past. */
  readonly asOfDay: number
  /** Days after which a visit counts half; above 0. @defaultValue 180 */
  readonly halfLifeDays?: number | undefined
  /** Added to the weight of each item's visits, so that a few shared visits do not make a link; 0 or more. @defaultValue 3 */
  readonly damping?: number | undefined
  /** Strongest links kept an item; 1 or more. @defaultValue 200 */
  readonly maxLinks?: number | undefined
  /** Items with which a visit counts, its first ones; bounds time and memory against bulk orders. @defaultValue 1000 */
  readonly maxVisitItems?: number | undefined
}

/**
 * Learns which items are bought on the same day by the same user.
 *
 * With `w(v) = 0.5^(age / halfLifeDays)` for the visit `v`, `n(i, j)` the sum of `w` over visits that hold both and
 * `n(i)` over visits that hold `i`:
 *
 *     weight(i, j) = n(i, j) / sqrt((n(i) + damping) (n(j) + damping))
 *
 * Takes time by the sum of squared visit sizes, and 40 bytes an event beside the links.
 *
 * @param ends - Shape `[numUsers]`: absolute event position where the past of each user ends.
 * @throws {@link RecommenderError} `INVALID_OPTION` naming the option, also if an event is later than `asOfDay`;
 * `SHAPE_MISMATCH` if `ends` does not fit the sequences; `UNKNOWN_ITEM` if an item row is above `numItems`.
 */
export function fitCoBasket(
  sequences: Sequences,
  ends: Int32Array,
  {
    numItems,
    asOfDay,
    halfLifeDays = 180,
    damping = 3,
    maxLinks = 200,
    maxVisitItems = 1000,
  }: CoBasketOptions,
): ItemLinks {
  checkInteger('numItems', numItems, 1)
  checkNumber('damping', damping, 0)
  checkInteger('maxLinks', maxLinks, 1)
  checkInteger('maxVisitItems', maxVisitItems, 1)
  const weightOf = createDecay(asOfDay, halfLifeDays)
  const visits = collectVisits(sequences, ends, {
    numItems,
    maxVisitItems,
    // Both items of a pair bring this, so the pair gets the weight of the visit.
    entryOf: (day) => Math.sqrt(weightOf(day)),
  })
  const totals = new Float64Array(numItems + 1)
  visits.itemRows.forEach((i, e) => {
    totals[i] = (totals[i] as number) + (visits.values[e] as number) ** 2
  })
  const values = visits.values.map(
    (value, e) => value / Math.sqrt((totals[visits.itemRows[e] as number] as number) + damping),
  )
  return buildItemLinks({ numItems, maxLinks }, createCoOccurrence({ ...visits, values }))
}
