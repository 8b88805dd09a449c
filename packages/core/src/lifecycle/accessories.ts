import { dayOf } from '../data/baskets.ts'
import type { Dataset } from '../data/dataset.ts'
import { checkInteger, checkNumber } from '../errors.ts'
import type { CategoryTree } from './category-tree.ts'

/** An item, or anything of a category, that buyers of something buy afterwards. */
export type Accessory = AccessoryFacts &
  ({ readonly itemRow: number } | { readonly categoryPath: readonly string[] })

/** How firmly an accessory belongs to its source. */
export interface AccessoryFacts {
  /** How many times more often than at random buyers of the source take it, above 1. */
  readonly lift: number
  /** Buyers of the source who bought it for the first time in the window. */
  readonly numBuyers: number
  /** The middle four fifths of them bought it between these days after the source. */
  readonly fromDays: number
  readonly toDays: number
}

/** Options of {@link findAccessories}. */
export interface FindAccessoriesOptions {
  /** Days before it are read: days since 1970-01-01 UTC. */
  readonly cutDay: number
  /** Days after the first purchase of a source in which an accessory may follow, 1 or more. @defaultValue 90 */
  readonly windowDays?: number | undefined
  /** Buyers that an accessory needs, 1 or more. @defaultValue 5 */
  readonly minSupport?: number | undefined
  /** Lift that an accessory needs, 1 or more. @defaultValue 3 */
  readonly minLift?: number | undefined
  /** Accessories of one source, the highest lift first, 1 or more. @defaultValue 10 */
  readonly limit?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** What accessories are looked for of. */
export interface AccessorySources {
  readonly itemRows: readonly number[]
  /** Nodes of the category tree that are the narrowest category of some item; others have no purchases of their own. */
  readonly nodes: readonly number[]
}

/** Accessories of each source, in the order of the sources. */
export interface FoundAccessories {
  readonly items: readonly (readonly Accessory[])[]
  readonly categories: readonly (readonly Accessory[])[]
}

/** Expected purchases that a lift of 1 counts for. */
const LIFT_PRIOR = 1
const SOURCES_PER_CHECK = 64

/** Options with defaults filled in. */
interface Limits {
  readonly windowDays: number
  readonly minSupport: number
  readonly minLift: number
  readonly limit: number
}

/** First purchases of each user, oldest first. A subject is an item row, or `numItems + 1 + node` for a category. */
interface FirstPurchases {
  readonly tree: CategoryTree
  /** Shape `[numUsers + 1]`. */
  readonly offsets: Int32Array
  readonly subjects: Int32Array
  readonly days: Int32Array
  /** By source: positions of its first purchases. */
  readonly positions: ReadonlyMap<number, readonly number[]>
  /** Days of first purchases by others than newcomers of the day, ascending: of a subject, of items, of categories. */
  readonly daysOf: (subject: number) => Int32Array
  readonly itemDays: Int32Array
  readonly categoryDays: Int32Array
}

/**
 * Finds what buyers of a source buy after it more often than by chance.
 *
 * Of the first purchases that a buyer makes in the window after the source, an accessory's part is compared with its part
 * in everyone's first purchases on the same days, each user's first day left out: `lift = (buyers + 1) / (expected + 1)`,
 * `expected = sum over buyers of purchases in the window * share in these days`. So neither a busy customer nor a
 * popular item nor the season makes an accessory.
 * What is bought on the day of the source itself does not count, nor does what lies in the source's own category:
 * another kettle is no accessory of a kettle. Items and narrowest categories are accessories of both kinds of source.
 *
 * @throws {@link RecommenderError} `INVALID_OPTION` if an option is outside its range.
 */
export function findAccessories(
  dataset: Dataset,
  tree: CategoryTree,
  options: FindAccessoriesOptions & { readonly sources: AccessorySources },
): FoundAccessories {
  const { sources, windowDays = 90, minSupport = 5, minLift = 3, limit = 10, signal } = options
  checkInteger('cutDay', options.cutDay, -Infinity)
  checkInteger('windowDays', windowDays, 1)
  checkInteger('minSupport', minSupport, 1)
  checkNumber('minLift', minLift, 1)
  checkInteger('limit', limit, 1)
  const firstNode = tree.numItems + 1
  const subjects = [...sources.itemRows, ...sources.nodes.map((node) => firstNode + node)]
  if (subjects.length === 0) return { items: [], categories: [] }
  const firsts = collectFirsts(dataset, tree, {
    cutDay: options.cutDay,
    sources: new Set(subjects),
  })
  const found = subjects.map((source, n) => {
    if (n % SOURCES_PER_CHECK === 0) signal?.throwIfAborted()
    return accessoriesOf(source, firsts, { windowDays, minSupport, minLift, limit })
  })
  const numItems = sources.itemRows.length
  return { items: found.slice(0, numItems), categories: found.slice(numItems) }
}

function accessoriesOf(source: number, firsts: FirstPurchases, limits: Limits): Accessory[] {
  const { tree, offsets, subjects, days } = firsts
  const firstNode = tree.numItems + 1
  const ownNode = source < firstNode ? (tree.nodeOfItem[source] as number) : source - firstNode
  const delays = new Map<number, number[]>()
  const windows: Window[] = []
  for (const position of firsts.positions.get(source) ?? []) {
    const day = days[position] as number
    const end = endOf(offsets, position)
    const window = { day, numItems: 0, numCategories: 0 }
    for (let p = position + 1; p < end; p++) {
      const delay = (days[p] as number) - day
      if (delay > limits.windowDays) break
      if (delay === 0) continue
      const subject = subjects[p] as number
      if (subject < firstNode) window.numItems++
      else window.numCategories++
      const known = delays.get(subject)
      if (known === undefined) delays.set(subject, [delay])
      else known.push(delay)
    }
    windows.push(window)
  }
  const accessories: Accessory[] = []
  for (const [subject, found] of delays) {
    const isItem = subject < firstNode
    const node = isItem ? (tree.nodeOfItem[subject] as number) : subject - firstNode
    if (found.length < limits.minSupport || (ownNode > 0 && isWithin(tree, node, ownNode))) continue
    const expected = expectedBuyers(subject, firsts, { windows, windowDays: limits.windowDays })
    const lift = (found.length + LIFT_PRIOR) / (expected + LIFT_PRIOR)
    if (lift < limits.minLift) continue
    found.sort((a, b) => a - b)
    accessories.push({
      ...(isItem ? { itemRow: subject } : { categoryPath: tree.paths[node] as readonly string[] }),
      lift,
      numBuyers: found.length,
      fromDays: quantile(found, 0.1),
      toDays: quantile(found, 0.9),
    })
  }
  return accessories.sort((a, b) => b.lift - a.lift).slice(0, limits.limit)
}

/** What a buyer bought for the first time in the days after the source. */
interface Window {
  /** Day of the source. */
  readonly day: number
  numItems: number
  numCategories: number
}

function expectedBuyers(
  subject: number,
  { tree, daysOf, itemDays, categoryDays }: FirstPurchases,
  { windows, windowDays }: { readonly windows: readonly Window[]; readonly windowDays: number },
): number {
  const isItem = subject <= tree.numItems
  const own = daysOf(subject)
  const all = isItem ? itemDays : categoryDays
  let expected = 0
  for (const { day, numItems, numCategories } of windows) {
    const num = isItem ? numItems : numCategories
    if (num === 0) continue
    const countIn = (sorted: Int32Array): number =>
      countUpTo(sorted, day + windowDays) - countUpTo(sorted, day)
    expected += (num * countIn(own)) / countIn(all)
  }
  return expected
}

function collectFirsts(
  { sequences }: Dataset,
  tree: CategoryTree,
  { cutDay, sources }: { readonly cutDay: number; readonly sources: ReadonlySet<number> },
): FirstPurchases {
  const firstNode = tree.numItems + 1
  const owners = new Int32Array(firstNode + tree.numNodes).fill(-1)
  const positions = new Map<number, number[]>([...sources].map((source) => [source, []]))
  const offsets = new Int32Array(sequences.numUsers + 1)
  const subjects: number[] = []
  const days: number[] = []
  const later: number[] = []
  for (let user = 0; user < sequences.numUsers; user++) {
    const start = sequences.offsets[user] as number
    const end = sequences.offsets[user + 1] as number
    const firstDay = start < end ? dayOf(sequences.timestampMs[start] as number) : cutDay
    const add = (subject: number, day: number): void => {
      if (owners[subject] === user) return
      owners[subject] = user
      positions.get(subject)?.push(days.length)
      if (day > firstDay) later.push(days.length)
      subjects.push(subject)
      days.push(day)
    }
    for (let i = start; i < end; i++) {
      const day = dayOf(sequences.timestampMs[i] as number)
      if (day >= cutDay) break
      const itemRow = sequences.itemRows[i] as number
      add(itemRow, day)
      const narrowest = tree.nodeOfItem[itemRow] as number
      if (narrowest > 0) add(firstNode + narrowest, day)
    }
    offsets[user + 1] = days.length
  }
  later.sort((a, b) => (days[a] as number) - (days[b] as number))
  const bySubject = groupBy(later, subjects, owners.length)
  const daysAt = (found: readonly number[] | Int32Array): Int32Array =>
    Int32Array.from(found, (position) => days[position] as number)
  const isItem = (position: number): boolean => (subjects[position] as number) < firstNode
  return {
    tree,
    offsets,
    subjects: Int32Array.from(subjects),
    days: Int32Array.from(days),
    positions,
    daysOf: (subject) => daysAt(bySubject(subject)),
    itemDays: daysAt(later.filter(isItem)),
    categoryDays: daysAt(later.filter((position) => !isItem(position))),
  }
}

/** Groups positions by the subject at each, keeping their order. */
function groupBy(
  positions: readonly number[],
  subjects: readonly number[],
  numSubjects: number,
): (subject: number) => Int32Array {
  const starts = new Int32Array(numSubjects + 1)
  const startOf = (subject: number): number => starts[subject] as number
  for (const p of positions)
    starts[(subjects[p] as number) + 1] = startOf((subjects[p] as number) + 1) + 1
  for (let i = 0; i < numSubjects; i++) starts[i + 1] = startOf(i + 1) + startOf(i)
  const grouped = new Int32Array(positions.length)
  const next = starts.slice()
  for (const p of positions) {
    const subject = subjects[p] as number
    const at = next[subject] as number
    grouped[at] = p
    next[subject] = at + 1
  }
  return (subject) => grouped.subarray(startOf(subject), startOf(subject + 1))
}

/** Returns how many of ascending values are `limit` or less. */
function countUpTo(sorted: Int32Array, limit: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle] as number) <= limit) low = middle + 1
    else high = middle
  }
  return low
}

/** Returns where the purchases of the user end that a position lies among. */
function endOf(offsets: Int32Array, position: number): number {
  return offsets[countUpTo(offsets, position)] as number
}

function isWithin(tree: CategoryTree, node: number, ancestor: number): boolean {
  let at = node
  while (at > ancestor) at = tree.parents[at] as number
  return at === ancestor
}

/** Returns the smallest of sorted values that at least a share of them does not exceed. */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(Math.ceil(share * sorted.length) - 1, 0)] as number
}
