import { dayOf } from '../data/baskets.ts'
import type { Dataset } from '../data/dataset.ts'
import type { CategoryTree } from './category-tree.ts'
import { CURVE_EDGES, NUM_CURVE_SPANS } from './repurchase-curve.ts'

/** Columns of the sums of one item or category that are not by span. */
export const SUM = {
  gaps: 0,
  logGaps: 1,
  squaredLogGaps: 2,
  buyers: 3,
  repeaters: 4,
} as const
/** First of the columns by span: buyers who bought again in it. */
export const EVENTS = 5
/** First of the columns by span: buyers who were watched in it, a part of it counting as that part. */
export const WATCHED: number = EVENTS + NUM_CURVE_SPANS
/** Number of columns. */
export const NUM_SUMS: number = WATCHED + NUM_CURVE_SPANS
const USERS_PER_CHECK = 1024

/** Which part of the log to read. */
export interface CollectOptions {
  /** Days before it are read: days since 1970-01-01 UTC. */
  readonly cutDay: number
  readonly signal?: AbortSignal | undefined
}

/** What users did with items and categories before a cut. */
export interface RepurchaseSums {
  /** Shape `[numItems + 1, NUM_SUMS]`. */
  readonly items: Float64Array
  /** Shape `[numNodes, NUM_SUMS]`. */
  readonly categories: Float64Array
  /**
   * Shape `[maxDepth + 2, NUM_CURVE_SPANS]`: first purchases so long before the cut that it came after the span, of items
   * (row 0) and of categories of each depth (row `1 + depth`).
   */
  readonly followed: Int32Array
}

/** Returns what users did with items and categories before a cut. */
export function collectRepurchases(
  { sequences }: Dataset,
  tree: CategoryTree,
  { cutDay, signal }: CollectOptions,
): RepurchaseSums {
  const { offsets, itemRows, timestampMs } = sequences
  const firstNode = tree.numItems + 1
  const numSubjects = firstNode + tree.numNodes
  const sums = new Float64Array(numSubjects * NUM_SUMS)
  const owners = new Int32Array(numSubjects).fill(-1)
  const followed = new Int32Array((tree.maxDepth + 2) * NUM_CURVE_SPANS)
  const firstDays = new Int32Array(numSubjects)
  const lastDays = new Int32Array(numSubjects)
  const counts = new Int32Array(numSubjects)
  const bought: number[] = []
  const buy = (subject: number, user: number, day: number): void => {
    if (owners[subject] !== user) {
      owners[subject] = user
      counts[subject] = 1
      firstDays[subject] = day
      bought.push(subject)
      increase(sums, subject, SUM.buyers, 1)
    } else {
      const gapDays = day - (lastDays[subject] as number)
      if (gapDays === 0) return
      addGap(sums, subject, Math.log(gapDays))
      if (counts[subject] === 1) {
        increase(sums, subject, SUM.repeaters, 1)
        watch(sums, subject, { days: gapDays, boughtAgain: true })
      }
      counts[subject] = (counts[subject] as number) + 1
    }
    lastDays[subject] = day
  }
  for (let user = 0; user < sequences.numUsers; user++) {
    if (user % USERS_PER_CHECK === 0) signal?.throwIfAborted()
    bought.length = 0
    for (let i = offsets[user] as number; i < (offsets[user + 1] as number); i++) {
      const day = dayOf(timestampMs[i] as number)
      if (day >= cutDay) break
      const itemRow = itemRows[i] as number
      buy(itemRow, user, day)
      let node = tree.nodeOfItem[itemRow] as number
      for (; node >= 0; node = tree.parents[node] as number) buy(firstNode + node, user, day)
    }
    for (const subject of bought) {
      const days = cutDay - 1 - (firstDays[subject] as number)
      const level = subject < firstNode ? 0 : 1 + (tree.depths[subject - firstNode] as number)
      follow(followed, level, days)
      if (counts[subject] === 1) watch(sums, subject, { days, boughtAgain: false })
    }
  }
  return {
    items: sums.subarray(0, firstNode * NUM_SUMS),
    categories: sums.subarray(firstNode * NUM_SUMS),
    followed,
  }
}

function addGap(sums: Float64Array, subject: number, logGap: number): void {
  increase(sums, subject, SUM.gaps, 1)
  increase(sums, subject, SUM.logGaps, logGap)
  increase(sums, subject, SUM.squaredLogGaps, logGap * logGap)
}

/**
 * Counts days `1 .. days` after a first purchase. Who bought again on the last of them was watched for all of its span:
 * nothing else can happen to him in it.
 */
function watch(
  sums: Float64Array,
  subject: number,
  { days, boughtAgain }: { readonly days: number; readonly boughtAgain: boolean },
): void {
  for (let span = 0; span < NUM_CURVE_SPANS; span++) {
    const start = CURVE_EDGES[span] as number
    const end = CURVE_EDGES[span + 1] as number
    if (days <= start) return
    const isEvent = boughtAgain && days <= end
    const part = isEvent ? 1 : Math.min((days - start) / (end - start), 1)
    increase(sums, subject, WATCHED + span, part)
    if (isEvent) increase(sums, subject, EVENTS + span, 1)
  }
}

function follow(followed: Int32Array, level: number, days: number): void {
  for (let span = 0; span < NUM_CURVE_SPANS && days >= (CURVE_EDGES[span + 1] as number); span++) {
    const at = level * NUM_CURVE_SPANS + span
    followed[at] = (followed[at] as number) + 1
  }
}

/** Adds the sums of a row to those of another. */
export function addSums(into: Float64Array, to: number, sums: Float64Array, row: number): void {
  for (let column = 0; column < NUM_SUMS; column++)
    increase(into, to, column, sums[row * NUM_SUMS + column] as number)
}

/** Returns the sums of a row, as a view. */
export function sumsOf(sums: Float64Array, row: number): Float64Array {
  return sums.subarray(row * NUM_SUMS, (row + 1) * NUM_SUMS)
}

function increase(sums: Float64Array, subject: number, column: number, amount: number): void {
  const at = subject * NUM_SUMS + column
  sums[at] = (sums[at] as number) + amount
}
