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
  RANKINGS,
  RecommenderError,
} from '@perennial/core'
import type { StoredEvent } from '../history-store.ts'
import { createOnnxRanker, type OnnxRanker } from './onnx-ranker.ts'

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
   * Counts a purchase. Nothing changes for one of an item that the model does not know, of a day that the artifact's
   * purchases cover, or of a day after tomorrow: one wrong clock would outweigh everything else.
   */
  record(userId: string, event: StoredEvent): void
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
  catalog: ItemCatalog,
): Promise<ServedLifecycle | undefined> {
  const { lifecycle: config } = manifest
  if (config === undefined || lifecycle === undefined) return undefined
  const { purchases, ranker, links, customers } = lifecycle
  const tree = buildCategoryTree(catalog)
  checkCategories(customers, tree)
  const state = new LifecycleState({ ...config, numItems: catalog.numItems })
  const { userKeys, userRows, itemRows, days, prices } = purchases
  for (let i = 0; i < days.length; i++)
    state.add({
      userRow: userRows[i] as number,
      itemRow: itemRows[i] as number,
      day: days[i] as number,
      price: prices[i] as number,
    })
  const rows = new Map<bigint, number>()
  userKeys.forEach((key, row) => {
    rows.set(key, row)
  })
  const knownUntilDay = (days.at(-1) ?? -Infinity) + 1
  const signals = createSignals(state, { links, categories: tree })
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
    record: (userId, { itemId, timestampMs }) => {
      const itemRow = catalog.rowOf(itemId)
      const day = dayOf(timestampMs)
      if (itemRow === undefined || day < knownUntilDay || day > dayOf(Date.now()) + 1) return
      const key = customerKey(userId)
      const userRow = rows.get(key) ?? rows.size
      rows.set(key, userRow)
      const price = catalog.recordOf(itemRow).price ?? Number.NaN
      state.add({ userRow, itemRow, day, price })
    },
    knownUntilDay,
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
