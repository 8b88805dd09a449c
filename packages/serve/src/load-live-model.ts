import { dayOf, RecommenderError } from '@perennial/core'
import { fillStore } from './fill-store.ts'
import type { HistoryStore, StoredEvent } from './history/history-store.ts'
import { applyItems } from './items/apply-items.ts'
import type { ItemStore, StoredItem } from './items/item-store.ts'
import { createPause } from './pause.ts'
import { type FeedTap, recordPurchase } from './purchase-feed.ts'
import { type LoadModelOptions, loadModel, type ServedModel } from './served-model.ts'

/** Where what happened since training is kept. */
export interface LiveStores {
  readonly store: HistoryStore
  readonly items: ItemStore
}

/** A model that knows what happened since it was trained. */
export interface LiveModel {
  readonly model: ServedModel
  /** Up to where the item store was read. */
  readonly itemSequence: number
  /** Items of the store that could not be applied, each with the cause. */
  readonly itemProblems: readonly string[]
}

/** Options of {@link loadLiveModel}. */
export interface LoadLiveModelOptions extends LoadModelOptions {
  /** Told of each purchase that was found in the store. */
  readonly tap: FeedTap
  /** Data set folder whose events go into the store before it is read. @defaultValue none */
  readonly dataset?: string | undefined
}

/**
 * Loads an artifact and brings it up to date: items as the shop tells them, and purchases of the store that it was not
 * trained on.
 *
 * @throws What {@link loadModel} throws.
 */
export async function loadLiveModel(
  folder: string,
  { store, items }: LiveStores,
  { tap, dataset, ...options }: LoadLiveModelOptions,
): Promise<LiveModel> {
  const model = await loadModel(folder, { ...options, erasures: await store.erasures() })
  try {
    const { signal } = options
    if (dataset !== undefined)
      await fillStore(store, dataset, { eventTypes: model.eventTypes, signal })
    const { sequence, items: stored } = await items.changesSince(0)
    const itemProblems = await applyStoredItems(model, stored)
    await replayStore(model, store, { tap, signal })
    return { model, itemSequence: sequence, itemProblems }
  } catch (error) {
    await model.release()
    throw error
  }
}

/** Applies items one by one; what one process refused must not keep another from starting. */
export async function applyStoredItems(
  model: ServedModel,
  stored: readonly StoredItem[],
): Promise<string[]> {
  const problems: string[] = []
  const pause = createPause()
  for (const item of stored) {
    await pause()
    try {
      await applyItems(model, [item])
    } catch (error) {
      if (!(error instanceof RecommenderError)) throw error
      problems.push(`${item.itemId}: ${error.message}`)
    }
  }
  return problems
}

async function replayStore(
  model: ServedModel,
  store: HistoryStore,
  { tap, signal }: { readonly tap: FeedTap } & Pick<LoadModelOptions, 'signal'>,
): Promise<void> {
  const { lifecycle, attributes, numArtifactItems, newItemVectors } = model
  const hasNewItems = attributes.numItems > numArtifactItems
  if (lifecycle === undefined && !hasNewItems) return
  const newer: { readonly key: bigint; readonly event: StoredEvent }[] = []
  const pause = createPause(signal)
  for await (const { customerKey: key, events } of store.scan()) {
    // A store in the same process answers without giving the event loop its turn.
    await pause()
    if (lifecycle !== undefined)
      for (const event of events)
        if (dayOf(event.timestampMs) >= lifecycle.knownUntilDay) newer.push({ key, event })
    if (!hasNewItems) continue
    const rows = events.flatMap(({ itemId }) => attributes.rowOf(itemId) ?? [])
    const newRows = rows.filter((row) => row > numArtifactItems)
    if (newRows.length > 0) newItemVectors.learn(newRows, rows)
  }
  // The state takes purchases in order of time.
  newer.sort((a, b) => a.event.timestampMs - b.event.timestampMs)
  for (const { key, event } of newer) {
    await pause()
    tap.count(key, event, model)
    recordPurchase(model, { key, event })
  }
}
