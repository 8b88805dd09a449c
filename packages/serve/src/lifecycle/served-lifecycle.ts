import {
  type Artifact,
  buildCategoryTree,
  type CandidateFinder,
  createCandidateFinder,
  createSignals,
  customerKey,
  dayOf,
  type ItemCatalog,
  type LifecycleConfig,
  LifecycleState,
} from '@perennial/core'
import type { StoredEvent } from '../history-store.ts'
import { createOnnxRanker, type OnnxRanker } from './onnx-ranker.ts'

/** What ranks customers by more than the sequence model, kept up to date purchase by purchase. */
export interface ServedLifecycle {
  readonly config: LifecycleConfig
  readonly finder: CandidateFinder
  /** Absent where too little data was there to train one. */
  readonly ranker: OnnxRanker | undefined
  /** Row of a user in the state, or `undefined` for one never seen. */
  rowOf(userId: string): number | undefined
  /** Counts a purchase; one of an item that the model does not know changes nothing. */
  record(userId: string, event: StoredEvent): void
  /** First day of which the artifact holds no purchase. */
  readonly knownUntilDay: number
  /** Bytes of the state's tables of users. */
  readonly memoryBytes: number
}

/** Replays an artifact's purchases and loads its ranker; `undefined` for an artifact without them. */
export async function loadLifecycle(
  { manifest, lifecycle }: Artifact,
  catalog: ItemCatalog,
): Promise<ServedLifecycle | undefined> {
  const { lifecycle: config } = manifest
  if (config === undefined || lifecycle === undefined) return undefined
  const { purchases, ranker, links } = lifecycle
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
  const signals = createSignals(state, { links, categories: buildCategoryTree(catalog) })
  return {
    config,
    finder: createCandidateFinder(state, signals, config.sizes),
    ranker:
      config.network === undefined || ranker === undefined
        ? undefined
        : await createOnnxRanker(ranker, config.network.featureNames.length),
    rowOf: (userId) => rows.get(customerKey(userId)),
    record: (userId, { itemId, timestampMs }) => {
      const itemRow = catalog.rowOf(itemId)
      if (itemRow === undefined) return
      const key = customerKey(userId)
      const userRow = rows.get(key) ?? rows.size
      rows.set(key, userRow)
      const price = catalog.recordOf(itemRow).price ?? Number.NaN
      state.add({ userRow, itemRow, day: dayOf(timestampMs), price })
    },
    knownUntilDay: (days.at(-1) ?? -Infinity) + 1,
    get memoryBytes() {
      return state.population.memoryBytes
    },
  }
}
