import { selectTopK } from '../top-k.ts'
import type { Customer } from './customer.ts'
import { ITEM_FEATURES } from './features/item-features.ts'
import { PAIR_FEATURES, pairFacts } from './features/pair-features.ts'
import { USER_FEATURES, userFacts } from './features/user-features.ts'
import type { Signal } from './signal.ts'
import type { LifecycleState } from './state.ts'

/** How many items each source brings beside the customer's own, which all are candidates; 0 leaves a source out. */
export type CandidateSizes = Readonly<Record<string, number>>

/** Sources that need no signal. */
export const POPULARITY_SOURCES = ['newly_popular', 'popular'] as const

/** Candidates a source brings unless told otherwise. */
export const DEFAULT_CANDIDATE_SIZES: CandidateSizes = {
  newly_popular: 120,
  popular: 60,
  user_knn: 120,
  co_basket: 60,
  ease_recent: 120,
  same_category: 60,
}

/** The candidates of one customer, his own items first. */
export interface Candidates {
  readonly itemRows: Int32Array
  /** Shape `[candidates, features]`, row-major; NaN where a feature does not apply. */
  readonly features: Float32Array
}

/** Finds and describes the candidates of customers. */
export interface CandidateFinder {
  /** Names of the features, in the order of the columns. */
  readonly featureNames: readonly string[]
  /** Returns items by source; `own` is the customer's own, and comes first. */
  sources(customer: Customer): ReadonlyMap<string, Int32Array>
  /** Returns the items of all sources, each once, the customer's own first. */
  unite(customer: Customer): Int32Array
  /** Returns the items of all sources with their features. */
  find(customer: Customer): Candidates
  /** Returns the features of given items: shape `[items, features]`. */
  describe(customer: Customer, itemRows: Int32Array): Float32Array
}

/** Name of the feature that says whether a customer owns the item. */
const OWNED_FEATURE = 'pair.owned'

/**
 * Creates a finder over a state.
 *
 * @param sizes - Items by source: signals by their name, and {@link POPULARITY_SOURCES}.
 */
export function createCandidateFinder(
  state: LifecycleState,
  signals: readonly Signal[],
  sizes: CandidateSizes = DEFAULT_CANDIDATE_SIZES,
): CandidateFinder {
  const { horizonDays } = state.items
  const itemTable = createItemTable(state)
  const popular = createPopularityOrders(state)
  const numPair = PAIR_FEATURES.length
  const numItem = ITEM_FEATURES.length
  const numUser = USER_FEATURES.length
  const featureNames = [
    ...[...PAIR_FEATURES, ...ITEM_FEATURES, ...USER_FEATURES].map(({ name }) => name),
    ...signals.map(({ name }) => `score.${name}`),
    OWNED_FEATURE,
  ]
  const width = featureNames.length

  const describe = (customer: Customer, itemRows: Int32Array): Float32Array => {
    const features = new Float32Array(itemRows.length * width)
    const user = userFacts(customer)
    const userValues = USER_FEATURES.map(({ compute }) => compute(user))
    for (const signal of signals) signal.turnTo(customer)
    for (const [i, itemRow] of itemRows.entries()) {
      let at = i * width
      const own = customer.own.get(itemRow)
      if (own === undefined) features.fill(Number.NaN, at, at + numPair)
      else {
        const item = { ...state.items.facts(itemRow, customer.asOfDay), asOfDay: customer.asOfDay }
        const facts = pairFacts(own, { user, item, horizonDays })
        for (let f = 0; f < numPair; f++)
          features[at + f] = (PAIR_FEATURES[f] as (typeof PAIR_FEATURES)[number]).compute(facts)
      }
      at += numPair
      features.set(itemTable.featuresOf(itemRow, customer.asOfDay), at)
      at += numItem
      features.set(userValues, at)
      at += numUser
      for (const signal of signals) features[at++] = signal.valueOf(itemRow)
      features[at] = own === undefined ? 0 : 1
    }
    return features
  }

  const sources = (customer: Customer): Map<string, Int32Array> => {
    const found = new Map<string, Int32Array>([['own', Int32Array.from(customer.own.keys())]])
    for (const name of POPULARITY_SOURCES) {
      const size = sizes[name] ?? 0
      if (size > 0) found.set(name, popular.best(name, customer, size))
    }
    for (const signal of signals) {
      const size = sizes[signal.name] ?? 0
      if (size === 0) continue
      signal.turnTo(customer)
      found.set(signal.name, signal.best(size))
    }
    return found
  }

  const unite = (customer: Customer): Int32Array => {
    const united = new Set<number>()
    for (const itemRows of sources(customer).values())
      for (const itemRow of itemRows) united.add(itemRow)
    return Int32Array.from(united)
  }

  return {
    featureNames,
    sources,
    unite,
    describe,
    find: (customer) => {
      const itemRows = unite(customer)
      return { itemRows, features: describe(customer, itemRows) }
    },
  }
}

/** Features of items, computed when asked for and kept until something was bought or a day has passed. */
function createItemTable({ items }: LifecycleState): {
  featuresOf(itemRow: number, asOfDay: number): Float32Array
} {
  const width = ITEM_FEATURES.length
  const values = new Float32Array((items.numItems + 1) * width)
  const stamps = new Float64Array(items.numItems + 1)
  let stamp = 0
  let version = -1
  let day = Number.NaN
  return {
    featuresOf: (itemRow, asOfDay) => {
      if (items.version !== version || asOfDay !== day) {
        stamp++
        version = items.version
        day = asOfDay
      }
      const row = values.subarray(itemRow * width, (itemRow + 1) * width)
      if (stamps[itemRow] === stamp) return row
      const facts = { ...items.facts(itemRow, asOfDay), asOfDay }
      ITEM_FEATURES.forEach(({ compute }, f) => {
        row[f] = compute(facts)
      })
      stamps[itemRow] = stamp
      return row
    },
  }
}

/** Most purchases, and at most a hundredth of all, after which the order of popular items is made anew. */
const ORDER_AGE = 1000

/** The most popular items, looked up for each customer in one order that all share. */
function createPopularityOrders({ items }: LifecycleState): {
  best(name: (typeof POPULARITY_SOURCES)[number], customer: Customer, count: number): Int32Array
} {
  const orders = new Map<string, { purchases: number; order: Int32Array }>()
  const scoresOf = (name: (typeof POPULARITY_SOURCES)[number]): Float32Array => {
    const recent = items.popularity(1)
    const first = items.firstPopularity(0)
    const largest = recent.reduce((max, value) => Math.max(max, value), 0)
    // Relative to the largest: as kept they outgrow single precision after some years.
    return Float32Array.from(recent, (value, itemRow) =>
      itemRow === 0
        ? -Infinity
        : ((name === 'popular' ? 0 : (first[itemRow] as number)) +
            value * (name === 'popular' ? 1 : 1e-3)) /
          largest,
    )
  }
  return {
    best: (name, { own }, count) => {
      let known = orders.get(name)
      const wanted = Math.min(items.numItems, count + own.size)
      if (
        known === undefined ||
        items.totalPurchases - known.purchases > Math.min(ORDER_AGE, known.purchases / 100) ||
        known.order.length < wanted
      ) {
        const size = Math.min(items.numItems, Math.max(2 * wanted, 1000))
        const order = selectTopK(scoresOf(name), size)
        known = { purchases: items.totalPurchases, order }
        orders.set(name, known)
      }
      const best: number[] = []
      for (const itemRow of known.order) {
        if (best.length === count) break
        if (!own.has(itemRow)) best.push(itemRow)
      }
      return Int32Array.from(best)
    },
  }
}
