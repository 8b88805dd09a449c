import type { Dataset } from '../data/dataset.ts'
import { checkInteger, RecommenderError } from '../errors.ts'
import { buildCategoryTree, type CategoryTree } from './category-tree.ts'
import { CURVE_EDGES, NUM_CURVE_SPANS, type RepurchaseTable } from './repurchase-curve.ts'
import {
  addSums,
  collectRepurchases,
  EVENTS,
  NUM_SUMS,
  SUM,
  sumsOf,
  WATCHED,
} from './repurchase-sums.ts'

/** How often items and categories are bought again, as known before a day. */
export interface RepurchaseIntervals {
  /** Only days before it were read: days since 1970-01-01 UTC. */
  readonly cutDay: number
  readonly tree: CategoryTree
  /** By item row; row 0 holds what items in general do. */
  readonly items: RepurchaseTable
  /** By node of the tree: purchases of anything in the category; node 0 is anything at all. */
  readonly categories: RepurchaseTable
}

/** Options of {@link learnRepurchase}. */
export interface LearnRepurchaseOptions {
  /** Days before it are read: days since 1970-01-01 UTC. */
  readonly cutDay: number
  readonly signal?: AbortSignal | undefined
}

/** Gaps, and buyers watched in a span, that the estimate one level up counts for. */
const GAP_PRIOR = 10
const BUYER_PRIOR = 30
/** Smallest variance of a log gap. */
const MIN_VARIANCE = 0.05
/** A span of the curve is known when so many first purchases lie further before the cut than it reaches. */
const MIN_FOLLOWED = 10

/** Estimates of one item or category, in this order, then chances and watched buyers of each span. */
const MEAN = 0
const VARIANCE = 1
const CHANCE = 2
const NUM_WATCHED = CHANCE + NUM_CURVE_SPANS
const NUM_ESTIMATES = NUM_WATCHED + NUM_CURVE_SPANS

/**
 * Learns from the days before a cut how often each item, and anything of each category, is bought again.
 *
 * - Gap: mean of the log of days between two purchases by a user, `(sum + 10 parent) / (gaps + 10)`, and the variance
 *   by the second moment likewise. Only gaps that closed before the cut are seen, so where the log is short the mean
 *   is that of the shorter gaps.
 * - Curve: the chance that a buyer who has not bought again before a span of {@link CURVE_EDGES} days after the first
 *   purchase does so in it, `(events + 30 parent) / (watched + 30)`. A buyer is watched until he buys again or the cut
 *   comes, so one who first bought five days ago says something of five days and nothing of the sixth.
 *   A buyer counts once however often he comes: wholesalers do not make a durable a consumable. The first purchase is
 *   the first that the log holds, and every season counts alike: of what is bought before Christmas the curve expects
 *   as much to be bought again as of the rest of the year.
 *
 * The parent of an item is what the items of its narrowest category do, whose parent is what those of the next wider
 * one do, up to all items; the parent of a category is what categories of its own depth do, in the same way. What
 * buyers of a whole category do says nothing of a single item: they come more often.
 *
 * @throws {@link RecommenderError} `DATASET_MISMATCH` if the data has no real times; `INVALID_OPTION` if the day is no integer.
 * @see Kaplan and Meier 1958 for the product of chances; here by spans, as in a life table, and shrunk, so that few buyers suffice.
 */
export function learnRepurchase(
  dataset: Dataset,
  { cutDay, signal }: LearnRepurchaseOptions,
): RepurchaseIntervals {
  checkInteger('cutDay', cutDay, -Infinity)
  if (dataset.timeKind !== 'timestamp') {
    throw new RecommenderError(
      'DATASET_MISMATCH',
      'Expected a data set with real times to learn how often items are bought again, got one that knows only the order of events.',
    )
  }
  const tree = buildCategoryTree(dataset.catalog)
  const sums = collectRepurchases(dataset, tree, { cutDay, signal })
  const items = createTable(tree.numItems + 1)
  const itemRows = range(1, tree.numItems + 1)
  const all = shrink(items, {
    sums: sums.items,
    rows: itemRows,
    nodeOf: tree.nodeOfItem,
    tree,
    knownDays: findKnownDays(sums.followed, 0),
  })
  writeRow(items, 0, all)
  const categories = createTable(tree.numNodes)
  for (let depth = 0; depth <= tree.maxDepth; depth++) {
    shrink(categories, {
      sums: sums.categories,
      rows: range(0, tree.numNodes).filter((node) => tree.depths[node] === depth),
      nodeOf: tree.parents,
      tree,
      knownDays: findKnownDays(sums.followed, 1 + depth),
    })
  }
  return { cutDay, tree, items, categories }
}

/** What {@link shrink} reads: rows of one kind, and the node of the tree that each belongs to. */
interface Level {
  readonly sums: Float64Array
  readonly rows: readonly number[]
  /** Node by row; -1 for the row that is everything, which stands alone. */
  readonly nodeOf: Int32Array
  readonly tree: CategoryTree
  readonly knownDays: number
}

/** Fills in the rows of one kind, each shrunk towards those around it, and returns what all of them do together. */
function shrink(table: RepurchaseTable, { sums, rows, nodeOf, tree, knownDays }: Level): Row {
  const pooled = new Float64Array(tree.numNodes * NUM_SUMS)
  for (const row of rows) addSums(pooled, Math.max(nodeOf[row] as number, 0), sums, row)
  for (let node = tree.numNodes - 1; node > 0; node--)
    addSums(pooled, tree.parents[node] as number, pooled, node)
  const estimates = new Float64Array(tree.numNodes * NUM_ESTIMATES)
  estimateAll(estimates, pooled)
  for (let node = 1; node < tree.numNodes; node++) {
    const parent = estimateOf(estimates, tree.parents[node] as number)
    estimateFrom(estimateOf(estimates, node), sumsOf(pooled, node), parent)
  }
  const estimate = new Float64Array(NUM_ESTIMATES)
  for (const row of rows) {
    const own = sumsOf(sums, row)
    const node = nodeOf[row] as number
    if (node < 0) estimate.set(estimateOf(estimates, 0))
    else estimateFrom(estimate, own, estimateOf(estimates, node))
    writeRow(table, row, { own, estimate, knownDays })
  }
  return { own: sumsOf(pooled, 0), estimate: estimateOf(estimates, 0), knownDays }
}

/** Estimates node 0 from everything seen: half an event in one buyer's span beside the data, so that no chance is 0 or 1. */
function estimateAll(estimates: Float64Array, pooled: Float64Array): void {
  const gaps = pooled[SUM.gaps] as number
  const mean = (pooled[SUM.logGaps] as number) / gaps
  const variance = (pooled[SUM.squaredLogGaps] as number) / gaps - mean * mean
  estimates[MEAN] = mean
  estimates[VARIANCE] = Math.max(variance, MIN_VARIANCE)
  for (let span = 0; span < NUM_CURVE_SPANS; span++) {
    const watched = pooled[WATCHED + span] as number
    estimates[CHANCE + span] = ((pooled[EVENTS + span] as number) + 0.5) / (watched + 1)
    estimates[NUM_WATCHED + span] = watched + 1
  }
}

function estimateFrom(estimate: Float64Array, sums: Float64Array, parent: Float64Array): void {
  const count = (sums[SUM.gaps] as number) + GAP_PRIOR
  const parentMean = parent[MEAN] as number
  const parentSquare = (parent[VARIANCE] as number) + parentMean * parentMean
  const mean = ((sums[SUM.logGaps] as number) + GAP_PRIOR * parentMean) / count
  const square = ((sums[SUM.squaredLogGaps] as number) + GAP_PRIOR * parentSquare) / count
  estimate[MEAN] = mean
  estimate[VARIANCE] = Math.max(square - mean * mean, MIN_VARIANCE)
  for (let span = 0; span < NUM_CURVE_SPANS; span++) {
    const watched = (sums[WATCHED + span] as number) + BUYER_PRIOR
    const events = (sums[EVENTS + span] as number) + BUYER_PRIOR * (parent[CHANCE + span] as number)
    estimate[CHANCE + span] = events / watched
    estimate[NUM_WATCHED + span] = watched
  }
}

function findKnownDays(followed: Int32Array, level: number): number {
  let span = 0
  while (
    span < NUM_CURVE_SPANS &&
    (followed[level * NUM_CURVE_SPANS + span] as number) >= MIN_FOLLOWED
  )
    span++
  return CURVE_EDGES[span] as number
}

function createTable(numRows: number): RepurchaseTable {
  return {
    numRows,
    numBuyers: new Int32Array(numRows),
    numRepeaters: new Int32Array(numRows),
    numGaps: new Int32Array(numRows),
    meanLogGap: new Float64Array(numRows),
    logGapDeviation: new Float64Array(numRows),
    chances: new Float64Array(numRows * NUM_CURVE_SPANS),
    numWatched: new Float64Array(numRows * NUM_CURVE_SPANS),
    knownDays: new Int32Array(numRows),
  }
}

/** A row as it goes into the table. */
interface Row {
  readonly own: Float64Array
  readonly estimate: Float64Array
  readonly knownDays: number
}

function writeRow(table: RepurchaseTable, row: number, { own, estimate, knownDays }: Row): void {
  table.numBuyers[row] = own[SUM.buyers] as number
  table.numRepeaters[row] = own[SUM.repeaters] as number
  table.numGaps[row] = own[SUM.gaps] as number
  table.meanLogGap[row] = estimate[MEAN] as number
  table.logGapDeviation[row] = Math.sqrt(estimate[VARIANCE] as number)
  table.chances.set(estimate.subarray(CHANCE, NUM_WATCHED), row * NUM_CURVE_SPANS)
  table.numWatched.set(estimate.subarray(NUM_WATCHED), row * NUM_CURVE_SPANS)
  table.knownDays[row] = knownDays
}

function estimateOf(estimates: Float64Array, node: number): Float64Array {
  return estimates.subarray(node * NUM_ESTIMATES, (node + 1) * NUM_ESTIMATES)
}

function range(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, i) => start + i)
}
