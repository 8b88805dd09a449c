import { DAY_MS } from './data/columns.ts'
import type { Dataset } from './data/dataset.ts'
import { ItemCatalog } from './data/item-catalog.ts'
import { createRng } from './random.ts'

/** Options of {@link buildDataset}. */
export interface BuildDatasetOptions {
  /** @defaultValue the largest item row that occurs */
  readonly numItems?: number | undefined
  /** @defaultValue 'timestamp' */
  readonly timeKind?: Dataset['timeKind'] | undefined
}

/**
 * Returns a data set from one list of events a user: `[itemRow, day]` pairs, oldest first.
 *
 * Users are `u0, u1, ...`, items `i1, i2, ...`; a day is a whole number (or a part) of days since 1970-01-01 UTC.
 */
export function buildDataset(
  users: readonly (readonly (readonly [itemRow: number, day: number])[])[],
  { numItems, timeKind = 'timestamp' }: BuildDatasetOptions = {},
): Dataset {
  const events = users.flat()
  const offsets = new Int32Array(users.length + 1)
  users.forEach((user, u) => {
    offsets[u + 1] = (offsets[u] as number) + user.length
  })
  const length = numItems ?? Math.max(0, ...events.map(([itemRow]) => itemRow))
  return {
    userIds: users.map((_, u) => `u${u}`),
    catalog: new ItemCatalog(Array.from({ length }, (_, i) => ({ itemId: `i${i + 1}` }))),
    sequences: {
      numUsers: users.length,
      offsets,
      itemRows: Int32Array.from(events, ([itemRow]) => itemRow),
      timestampMs: Float64Array.from(events, ([, day]) => day * DAY_MS),
      quantities: new Float32Array(events.length).fill(1),
      prices: new Float32Array(events.length).fill(Number.NaN),
    },
    timeKind,
    currency: null,
  }
}

/** Options of {@link cyclicDataset} and {@link checkerboardDataset}. */
export interface SyntheticDatasetOptions {
  readonly numUsers: number
  readonly numItems: number
  /** Events a user. */
  readonly length: number
  readonly seed: number
}

/**
 * Returns data in which each user buys the items in turn, one a day, from a random first item on.
 *
 * After item row `i` comes {@link nextInCycle}`(i, numItems)`, so a model that learned the order ranks the withheld
 * item first, and one that only counts cannot.
 */
export function cyclicDataset({
  numUsers,
  numItems,
  length,
  seed,
}: SyntheticDatasetOptions): Dataset {
  const rng = createRng(seed)
  const users = Array.from({ length: numUsers }, () => {
    const first = rng.nextInt(numItems)
    return Array.from({ length }, (_, t) => [1 + ((first + t) % numItems), t] as const)
  })
  return buildDataset(users, { numItems })
}

/** Returns the item row that follows `itemRow` in {@link cyclicDataset}. */
export function nextInCycle(itemRow: number, numItems: number): number {
  return 1 + (itemRow % numItems)
}

/**
 * Returns data in which even user rows buy even item rows and odd user rows odd ones, at random, one a day.
 *
 * A model that learned who buys what ranks all items of the user's own parity above all others.
 */
export function checkerboardDataset(options: SyntheticDatasetOptions): Dataset {
  const { numUsers, numItems, length, seed } = options
  const rng = createRng(seed)
  const users = Array.from({ length: numUsers }, (_, u) => {
    const first = u % 2 === 0 ? 2 : 1
    const count = Math.floor((numItems - first) / 2) + 1
    return Array.from({ length }, (_, t) => [first + 2 * rng.nextInt(count), t] as const)
  })
  return buildDataset(users, { numItems })
}

/** Vectors, queries and the right answers, for the tests of any `ItemIndex`. */
export interface IndexCases {
  /** Shape `[numItems + 1, dim]`; row 0 is padding and long, so that an index which returns it is caught. */
  readonly vectors: Float32Array
  readonly dim: number
  readonly numItems: number
  /** One search each. */
  readonly searches: readonly {
    readonly query: Float32Array
    readonly k: number
    readonly allowed?: Uint8Array
    /** The right item rows, best first. */
    readonly itemRows: Int32Array
    /** Their inner products. */
    readonly scores: Float32Array
  }[]
}

/** Options of {@link indexCases}. */
export interface IndexCasesOptions {
  readonly numItems: number
  readonly dim: number
  readonly numQueries: number
  readonly seed: number
}

/**
 * Returns random vectors and queries with answers found by sorting all inner products.
 *
 * Every second search allows only a third of the items; the last asks for more items than there are.
 */
export function indexCases({ numItems, dim, numQueries, seed }: IndexCasesOptions): IndexCases {
  const rng = createRng(seed)
  const vectors = Float32Array.from({ length: (numItems + 1) * dim }, () => rng.nextNormal())
  const searches = Array.from({ length: numQueries }, (_, q) => {
    const query = Float32Array.from({ length: dim }, () => rng.nextNormal())
    const k = q === numQueries - 1 ? numItems + 5 : 10
    const allowed = Uint8Array.from({ length: numItems + 1 }, () => (rng.nextInt(3) === 0 ? 1 : 0))
    const rows = Array.from({ length: numItems }, (_, i) => i + 1)
    const score = (row: number): number =>
      query.reduce((sum, value, i) => sum + value * (vectors[row * dim + i] as number), 0)
    const best = rows
      .filter((row) => q % 2 === 0 || allowed[row] === 1)
      .map((row) => ({ row, score: score(row) }))
      .sort((a, b) => b.score - a.score)
      .slice(0, k)
    const itemRows = Int32Array.from(best, ({ row }) => row)
    const scores = Float32Array.from(best, (found) => found.score)
    return { query, k, itemRows, scores, ...(q % 2 === 0 ? {} : { allowed }) }
  })
  // Long padding wins about every second query of an index that does not leave it out.
  vectors.fill(1e3, 0, dim)
  return { vectors, dim, numItems, searches }
}

/** Options of {@link drawVectors}. */
export interface DrawVectorsOptions {
  readonly numItems: number
  readonly dim: number
  /** Groups of items near each other; 0 for none, so that all directions are alike. */
  readonly numClusters: number
  /** Deviation of the logarithm of a vector's length; 0 for similar lengths. */
  readonly lengthSpread: number
  readonly numQueries: number
  readonly seed: number
}

/**
 * Returns item vectors `[numItems + 1, dim]`, row 0 zeros, and queries that lie as items do but all of similar length.
 *
 * Such data is harder for an index than plain noise where clusters make scores close, and where lengths differ.
 */
export function drawVectors(options: DrawVectorsOptions): {
  readonly vectors: Float32Array
  readonly queries: readonly Float32Array[]
} {
  const { numItems, dim, numClusters, lengthSpread, numQueries, seed } = options
  const rng = createRng(seed)
  const centers = Array.from({ length: numClusters }, () =>
    Float32Array.from({ length: dim }, () => rng.nextNormal()),
  )
  const noise = numClusters === 0 ? 1 : 0.5
  const draw = (length: number): Float32Array => {
    const center = numClusters === 0 ? undefined : centers[rng.nextInt(numClusters)]
    return Float32Array.from(
      { length: dim },
      (_, d) => length * ((center?.[d] ?? 0) + noise * rng.nextNormal()),
    )
  }
  const vectors = new Float32Array((numItems + 1) * dim)
  for (let row = 1; row <= numItems; row++)
    vectors.set(draw(Math.exp(lengthSpread * rng.nextNormal())), row * dim)
  return { vectors, queries: Array.from({ length: numQueries }, () => draw(1)) }
}
