import type { HistoryStore } from './history/history-store.ts'
import type { LiveItems } from './items/live-items.ts'
import { type LoadLiveModelOptions, loadLiveModel } from './load-live-model.ts'
import type { ModelHolder } from './model-holder.ts'
import type { PurchaseFeed } from './purchase-feed.ts'
import type { ServedModel } from './served-model.ts'

/** What a new model is put into. */
export interface ReplaceModelOptions {
  readonly holder: ModelHolder<ServedModel>
  readonly store: HistoryStore
  readonly items: LiveItems
  readonly feed: PurchaseFeed
  /** As of the first load. */
  readonly options: Omit<LoadLiveModelOptions, 'tap'>
}

/**
 * Loads an artifact beside the model that answers and puts it in its place: nothing that was recorded, updated or erased
 * meanwhile is missed or counted twice.
 *
 * @returns The version of the new model, once the one before is freed.
 * @throws What {@link loadLiveModel} throws; the model that answers stays then.
 */
export async function replaceModel(
  folder: string,
  { holder, store, items, feed, options }: ReplaceModelOptions,
): Promise<string> {
  const startMs = Date.now()
  const tap = feed.tap()
  let loaded: ServedModel | undefined
  try {
    const live = await loadLiveModel(
      folder,
      { store, items: items.store },
      // The signal of the first load may have been for the start alone.
      { ...options, dataset: undefined, signal: undefined, tap },
    )
    loaded = live.model
    await items.replace(live)
    const erasures = await store.erasures()
    // From here to the replacement nothing else runs.
    holder.checkOpen()
    for (const [key, erasedMs] of erasures) if (erasedMs >= startMs) loaded.lifecycle?.forget(key)
    tap.finish(loaded, erasures)
    const { modelVersion } = loaded
    const freed = holder.replace(loaded)
    loaded = undefined
    await freed
    return modelVersion
  } finally {
    tap.cancel()
    await loaded?.release()
  }
}
