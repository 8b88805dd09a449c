import {
  buildItemLinks,
  checkInteger,
  checkNumber,
  collectHistories,
  createCoOccurrence,
  createDecay,
  type ItemGroups,
  type ItemLinks,
  ItemScores,
  RecommenderError,
  type Sequences,
} from '@perennial/core'
import { bindKernels, compileKernels } from '../engine/wasm/kernels.ts'
import { createSharedMemory, type SharedMemory } from '../engine/wasm/shared-memory.ts'
import { allocateMatrix, invertNegated, type SquareMatrix } from './invert.ts'

/** Items whose matrix just fits into the 4 GiB of the kernels' memory. */
const MOST_ITEMS = 30_000

/** Options of {@link fitEase}. */
export interface EaseOptions {
  /** Items of the catalogue; rows are `1..numItems`. */
  readonly numItems: number
  /** Added to the diagonal: more means weaker links between seldom-bought items; above 0. @defaultValue 200 */
  readonly lambda?: number | undefined
  /**
   * Days after which an item in a history counts half, from its newest purchase on; above 0. Needs `asOfDay`.
   *
   * @defaultValue all count 1
   */
  readonly halfLifeDays?: number | undefined
  /** Day of the question (since 1970-01-01 UTC), on or after the last day of the past; read with `halfLifeDays` only. */
  readonly asOfDay?: number | undefined
  /** Strongest links kept an item; 1 or more. @defaultValue 300 */
  readonly maxLinks?: number | undefined
  /** Items that take part, those with the most buyers; the others get no links. At most 30,000. @defaultValue 10,000 */
  readonly maxItems?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Learns the linear model that best restores each history from its own items, each item from the others.
 *
 * With X the users by items matrix and `P = (X'X + lambda I)^-1`, `weight(i, j) = -P(i, j) / P(j, j)`; the score of `j` is the
 * sum of `weight(i, j)` over the items `i` of a history.
 *
 * Takes about `n^3` operations on one core for `n` items that were bought (4 s for 4,600, 40 s for 10,000) beside the sum of
 * squared history lengths, and `4 n^2 + 3072 n` bytes beside 40 an event and 8 a link.
 *
 * @param ends - Shape `[numUsers]`: absolute event position where the past of each user ends.
 * @throws {@link RecommenderError} `INVALID_OPTION` naming the option; `SHAPE_MISMATCH` if `ends` does not fit the
 * sequences; `UNKNOWN_ITEM` if an item row is above `numItems`; `INVALID_INPUT` if `lambda` is lost in float32 beside
 * `X'X`; `OUT_OF_MEMORY`. Rejects with the reason of `signal` when that is aborted.
 * @see Steck 2019, {@link https://arxiv.org/abs/1905.03375 | arXiv:1905.03375}, eq. 8.
 * Differs: X may fade with time, and only the strongest links are kept.
 */
export async function fitEase(
  sequences: Sequences,
  ends: Int32Array,
  {
    numItems,
    lambda = 200,
    halfLifeDays,
    asOfDay,
    maxLinks = 300,
    maxItems = 10_000,
    signal,
  }: EaseOptions,
): Promise<ItemLinks> {
  checkInteger('numItems', numItems, 1)
  checkNumber('lambda', lambda, Number.MIN_VALUE)
  checkInteger('maxLinks', maxLinks, 1)
  checkInteger('maxItems', maxItems, 1, MOST_ITEMS)
  const groups = collectHistories(sequences, ends, {
    numItems,
    entryOf: decayFrom(asOfDay, halfLifeDays),
  })
  const items = chooseItems(groups, maxItems)
  const { module } = await compileKernels()
  const memory = createSharedMemory()
  const kernels = bindKernels(module, memory.memory)
  const matrix = allocateMatrix(memory, items.length)
  writeGram(groups, items, { memory, matrix, lambda })
  await invertNegated(matrix, { kernels, memory, signal })
  return readLinks(items, { memory, matrix, numItems, maxLinks })
}

function decayFrom(
  asOfDay: number | undefined,
  halfLifeDays: number | undefined,
): (day: number) => number {
  if (halfLifeDays === undefined) return () => 1
  if (asOfDay !== undefined) return createDecay(asOfDay, halfLifeDays)
  throw new RecommenderError(
    'INVALID_OPTION',
    'Expected `asOfDay` with `halfLifeDays`, got no day to count ages to.',
  )
}

/** Returns the rows of the items with the most buyers, rising; those that nobody bought are not among them. */
function chooseItems({ numItems, itemRows }: ItemGroups, maxItems: number): Int32Array {
  const numBuyers = new Int32Array(numItems + 1)
  for (const i of itemRows) numBuyers[i] = (numBuyers[i] as number) + 1
  const bought = Int32Array.from(numBuyers.keys()).filter((i) => numBuyers[i] !== 0)
  return bought
    .sort((a, b) => (numBuyers[b] as number) - (numBuyers[a] as number) || a - b)
    .slice(0, maxItems)
    .sort()
}

/** Writes `X'X + lambda I` over the given items. */
function writeGram(
  groups: ItemGroups,
  items: Int32Array,
  {
    memory,
    matrix: { address, rowBytes },
    lambda,
  }: { readonly memory: SharedMemory; readonly matrix: SquareMatrix; readonly lambda: number },
): void {
  const addShared = createCoOccurrence(groups)
  const shared = new ItemScores(groups.numItems)
  items.forEach((itemRow, i) => {
    addShared(itemRow, shared)
    const row = new Float32Array(memory.memory.buffer, address + i * rowBytes, items.length)
    for (let j = 0; j < items.length; j++) row[j] = shared.of(items[j] as number)
    row[i] = (row[i] as number) + lambda
    shared.clear()
  })
}

/** Reads the links from the lower triangle of `-P`. */
function readLinks(
  items: Int32Array,
  options: {
    readonly memory: SharedMemory
    readonly matrix: SquareMatrix
    readonly numItems: number
    readonly maxLinks: number
  },
): ItemLinks {
  const { memory, matrix } = options
  const values = new Float32Array(memory.memory.buffer)
  const start = matrix.address / 4
  const width = matrix.rowBytes / 4
  const places = new Map(Array.from(items, (itemRow, i) => [itemRow, i]))
  const diagonal = Float64Array.from(items, (_, i) => -(values[start + i * width + i] as number))
  return buildItemLinks(options, (itemRow, weights) => {
    const i = places.get(itemRow)
    if (i === undefined) return
    for (let j = 0; j < items.length; j++) {
      const at = j < i ? i * width + j : j * width + i
      weights.add(items[j] as number, (values[start + at] as number) / (diagonal[j] as number))
    }
  })
}
