import { dayOf } from '../data/baskets.ts'
import type { Sequences } from '../data/sequences.ts'
import { RecommenderError } from '../errors.ts'
import type { ItemScores } from './item-scores.ts'

/**
 * Items that were bought together, the matrix X of groups by items (compressed sparse rows).
 *
 * The group `g` is the range `offsets[g] .. offsets[g + 1] - 1` of `itemRows` and `values`.
 */
export interface ItemGroups {
  readonly numItems: number
  /** Shape `[numGroups + 1]`, not decreasing, first value 0. */
  readonly offsets: Int32Array
  /** Distinct within a group. */
  readonly itemRows: Int32Array
  /** The entries of X. */
  readonly values: Float64Array
}

/** Options of {@link collectVisits} and {@link collectHistories}. */
export interface CollectGroupsOptions {
  readonly numItems: number
  /** Entry of X for a purchase on a day (since 1970-01-01 UTC). */
  readonly entryOf: (day: number) => number
}

/**
 * Returns one group a visit: the distinct items that a user bought on one day.
 *
 * @param ends - Shape `[numUsers]`: absolute event position where the past of each user ends.
 * @param options.maxVisitItems - A visit counts with no more than its first so many items.
 * @throws {@link RecommenderError} `SHAPE_MISMATCH` if `ends` does not fit the sequences; `UNKNOWN_ITEM` if an item row is
 * above `numItems`.
 */
export function collectVisits(
  sequences: Sequences,
  ends: Int32Array,
  { maxVisitItems, ...options }: CollectGroupsOptions & { readonly maxVisitItems: number },
): ItemGroups {
  const collector = createCollector(sequences, ends, options)
  for (let u = 0; u < sequences.numUsers; u++) {
    let visitDay = Number.NaN
    const end = ends[u] as number
    for (let e = sequences.offsets[u] as number; e < end; e++) {
      const day = dayOf(sequences.timestampMs[e] as number)
      if (day !== visitDay) {
        collector.closeGroup()
        visitDay = day
      }
      if (collector.groupSize() < maxVisitItems) collector.add(e, day)
    }
    collector.closeGroup()
  }
  return collector.finish()
}

/**
 * Returns one group a user: the distinct items he ever bought, each with the value of its newest day.
 *
 * Arguments and errors as {@link collectVisits}.
 */
export function collectHistories(
  sequences: Sequences,
  ends: Int32Array,
  options: CollectGroupsOptions,
): ItemGroups {
  const collector = createCollector(sequences, ends, options)
  for (let u = 0; u < sequences.numUsers; u++) {
    const end = ends[u] as number
    for (let e = sequences.offsets[u] as number; e < end; e++)
      collector.add(e, dayOf(sequences.timestampMs[e] as number))
    collector.closeGroup()
  }
  return collector.finish()
}

function createCollector(
  { numUsers, offsets: userOffsets, itemRows: events }: Sequences,
  ends: Int32Array,
  { numItems, entryOf }: CollectGroupsOptions,
): {
  add(event: number, day: number): void
  groupSize(): number
  closeGroup(): void
  finish(): ItemGroups
} {
  const size = checkEnds(userOffsets, ends, numUsers)
  const offsets = [0]
  const itemRows = new Int32Array(size)
  const values = new Float64Array(size)
  // By item: where it stands, if that is within the open group.
  const places = new Int32Array(numItems + 1).fill(-1)
  let start = 0
  let next = 0
  let newestDay = Number.NaN
  let value = 0
  return {
    add: (event, day) => {
      const itemRow = events[event] as number
      if (itemRow < 1 || itemRow > numItems) {
        throw new RecommenderError(
          'UNKNOWN_ITEM',
          `Expected item rows between 1 and \`numItems\`, ${numItems}, got ${itemRow} in event ${event}.`,
        )
      }
      if (day !== newestDay) {
        newestDay = day
        value = entryOf(day)
      }
      const place = places[itemRow] as number
      if (place >= start) values[place] = value
      else {
        places[itemRow] = next
        itemRows[next] = itemRow
        values[next++] = value
      }
    },
    groupSize: () => next - start,
    closeGroup: () => {
      if (next === start) return
      offsets.push(next)
      start = next
    },
    finish: () => ({
      numItems,
      offsets: Int32Array.from(offsets),
      itemRows: itemRows.slice(0, next),
      values: values.slice(0, next),
    }),
  }
}

/** Returns the number of events of the past. */
function checkEnds(offsets: Int32Array, ends: Int32Array, numUsers: number): number {
  if (ends.length !== numUsers) {
    throw new RecommenderError(
      'SHAPE_MISMATCH',
      `Expected ${numUsers} \`ends\`, one a user, got ${ends.length}.`,
    )
  }
  let numEvents = 0
  for (let u = 0; u < numUsers; u++) {
    const start = offsets[u] as number
    const end = ends[u] as number
    if (end < start || end > (offsets[u + 1] as number)) {
      throw new RecommenderError(
        'SHAPE_MISMATCH',
        `Expected the end of user row ${u} between ${start} and ${offsets[u + 1]}, got ${end}.`,
      )
    }
    numEvents += end - start
  }
  return numEvents
}

/**
 * Returns a function that adds one row of `X'X` to empty scores: `sum over groups g with i of X(g, i) X(g, j)` for each j.
 *
 * Holds the groups of each item (16 bytes an entry); no row outlives its call. All rows together take time by the sum of
 * squared group sizes.
 */
export function createCoOccurrence({
  numItems,
  offsets,
  itemRows,
  values,
}: ItemGroups): (itemRow: number, row: ItemScores) => void {
  const starts = new Int32Array(numItems + 2)
  for (const i of itemRows) starts[i + 1] = (starts[i + 1] as number) + 1
  for (let i = 0; i <= numItems; i++)
    starts[i + 1] = (starts[i + 1] as number) + (starts[i] as number)
  const groups = new Int32Array(itemRows.length)
  const groupValues = new Float64Array(itemRows.length)
  const places = starts.slice()
  for (let g = 0; g + 1 < offsets.length; g++) {
    for (let e = offsets[g] as number; e < (offsets[g + 1] as number); e++) {
      const place = places[itemRows[e] as number] as number
      groups[place] = g
      groupValues[place] = values[e] as number
      places[itemRows[e] as number] = place + 1
    }
  }
  return (itemRow, row) => {
    const last = starts[itemRow + 1] as number
    for (let p = starts[itemRow] as number; p < last; p++) {
      const g = groups[p] as number
      const value = groupValues[p] as number
      const end = offsets[g + 1] as number
      for (let e = offsets[g] as number; e < end; e++)
        row.add(itemRows[e] as number, value * (values[e] as number))
    }
  }
}
