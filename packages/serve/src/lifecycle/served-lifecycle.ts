import { setImmediate } from 'node:timers/promises'
import {
  type Artifact,
  buildCategoryTree,
  type CandidateFinder,
  type CategoryTree,
  type CustomerModels,
  createCandidateFinder,
  createSignals,
  customerKey,
  dayOf,
  type ItemCatalog,
  type LifecycleConfig,
  LifecycleState,
  type Purchases,
  RANKINGS,
  RecommenderError,
} from '@perennial/core'
import { createOnnxRanker, type OnnxRanker } from './onnx-ranker.ts'
import { reserveCategories, reserveLinks } from './reserve-items.ts'

/** One purchase to count. */
export interface RecordedPurchase {
  readonly itemRow: number
  readonly timestampMs: number
  /** Price of one unit; NaN when unknown. */
  readonly price: number
}

/** Options of {@link loadLifecycle}. */
export interface LoadLifecycleOptions {
  readonly catalog: ItemCatalog
  /** Item rows that the state has room for: those of the catalogue and new ones. */
  readonly capacity: number
  /** When customers were erased, by `customerKey`; their purchases of days until then are left out. */
  readonly erasures: ReadonlyMap<bigint, number>
  readonly signal?: AbortSignal | undefined
}

/** Purchases replayed before the event loop gets its turn: about 2 ms. */
const REPLAY_SLICE = 500

/** What ranks customers by more than the sequence model, kept up to date purchase by purchase. */
export interface ServedLifecycle {
  readonly config: LifecycleConfig
  readonly finder: CandidateFinder
  /** Absent where too little data was there to train one. */
  readonly ranker: OnnxRanker | undefined
  /** What was learned of customers and durables; absent in artifacts written before there was such a part. */
  readonly customers: CustomerModels | undefined
  readonly tree: CategoryTree
  /** Row of a user in the state, or `undefined` for one never seen. */
  rowOf(userId: string): number | undefined
  /**
   * Counts a purchase. Nothing changes for one of an item without a place in the state, of a day that the artifact's
   * purchases cover, or of a day after tomorrow: one wrong clock would outweigh everything else.
   *
   * @param key - `customerKey` of the user.
   */
  record(key: bigint, purchase: RecordedPurchase): void
  /** Forgets whose the purchases of a user are; they still count for items, as anybody's. */
  forget(key: bigint): boolean
  /** Gives a new item its place in the categories. */
  addItem(itemRow: number, categoryPath: readonly string[]): void
  /** Highest item row that the state has room for. */
  readonly capacity: number
  /** First day of which the artifact holds no purchase. */
  readonly knownUntilDay: number
}

/**
 * Replays an artifact's purchases and loads its ranker; `undefined` for an artifact without them.
 *
 * @throws {@link RecommenderError} `BAD_ARTIFACT` if the ranker is broken, or parts are of different catalogues.
 */
export async function loadLifecycle(
  { manifest, lifecycle }: Artifact,
  { catalog, capacity, erasures, signal }: LoadLifecycleOptions,
): Promise<ServedLifecycle | undefined> {
  const { lifecycle: config } = manifest
  if (config === undefined || lifecycle === undefined) return undefined
  const { ranker, links, customers, purchases } = lifecycle
  const categories = buildCategoryTree(catalog)
  checkCategories(customers, categories)
  const state = new LifecycleState({ ...config, numItems: capacity })
  await replay(purchases, state, { erasures, signal })
  const rows = new Map<bigint, number>()
  purchases.userKeys.forEach((key, row) => {
    if (!erasures.has(key)) rows.set(key, row)
  })
  let numUsers = purchases.userKeys.length
  const knownUntilDay = (purchases.days.at(-1) ?? -Infinity) + 1
  const tree = reserveCategories(categories, capacity)
  const signals = createSignals(state, {
    links: reserveLinks(links, capacity),
    categories: tree,
  })
  const finder = createCandidateFinder(state, signals, config.sizes)
  checkConfig(config, finder)
  return {
    config,
    finder,
    ranker:
      config.network === undefined || ranker === undefined
        ? undefined
        : await createOnnxRanker(ranker, config.network.featureNames.length),
    customers,
    tree,
    rowOf: (userId) => rows.get(customerKey(userId)),
    record: (key, { itemRow, timestampMs, price }) => {
      const day = dayOf(timestampMs)
      if (itemRow > capacity || day < knownUntilDay || day > dayOf(Date.now()) + 1) return
      let userRow = rows.get(key)
      if (userRow === undefined) {
        userRow = numUsers++
        rows.set(key, userRow)
      }
      state.add({ userRow, itemRow, day, price })
    },
    capacity,
    forget: (key) => rows.delete(key),
    addItem: (itemRow, categoryPath) => {
      if (itemRow <= capacity) tree.assign(itemRow, categoryPath)
    },
    knownUntilDay,
  }
}

async function replay(
  { userKeys, userRows, itemRows, days, prices }: Purchases,
  state: LifecycleState,
  { erasures, signal }: Pick<LoadLifecycleOptions, 'erasures' | 'signal'>,
): Promise<void> {
  const erasedDays = Array.from(userKeys, (key) => {
    const erasedMs = erasures.get(key)
    return erasedMs === undefined ? -Infinity : dayOf(erasedMs)
  })
  for (let i = 0; i < days.length; i++) {
    if (i % REPLAY_SLICE === 0) {
      await setImmediate()
      signal?.throwIfAborted()
    }
    const userRow = userRows[i] as number
    const day = days[i] as number
    if (day <= (erasedDays[userRow] as number)) continue
    state.add({ userRow, itemRow: itemRows[i] as number, day, price: prices[i] as number })
  }
}

/** A ranker of other features would read the wrong columns and not notice. */
function checkConfig(
  { ranking, network }: LifecycleConfig,
  { featureNames }: CandidateFinder,
): void {
  const given = network?.featureNames ?? featureNames
  const wrong = featureNames.findIndex((name, f) => given[f] !== name)
  if (wrong >= 0 || given.length !== featureNames.length) {
    const place = wrong >= 0 ? wrong : featureNames.length
    throw new RecommenderError(
      'BAD_ARTIFACT',
      `Expected the ranker to take the ${featureNames.length} features of this version, got '${given[place]}' in place of '${featureNames[place]}' as feature ${place}. Train again.`,
    )
  }
  const isTrained = ranking === 'ranker' || ranking === 'linear-ranker'
  if (RANKINGS.includes(ranking) && (!isTrained || network !== undefined)) return
  throw new RecommenderError(
    'BAD_ARTIFACT',
    `Expected the manifest to name a ranking out of ${RANKINGS.join(', ')} and, for a ranker, its network, got '${ranking}'.`,
  )
}

function checkCategories(customers: CustomerModels | undefined, tree: CategoryTree): void {
  const numNodes = customers?.durability?.categories.length ?? tree.numNodes
  const numDepths = customers?.outlook?.levels.length ?? tree.maxDepth + 1
  if (numNodes === tree.numNodes && numDepths === tree.maxDepth + 1) return
  throw new RecommenderError(
    'BAD_ARTIFACT',
    `Expected customers.json to know the ${tree.numNodes} categories of items.arrow, ${tree.maxDepth} levels deep, got ${numNodes}, ${numDepths - 1} levels deep. Train again.`,
  )
}
