import type { StoredEvent } from './history/history-store.ts'
import type { ServedModel } from './served-model.ts'

/** A purchase on its way into a store and into what is known of a shop. */
export interface PendingPurchase {
  /** `customerKey` of the user. */
  readonly key: bigint
  readonly event: StoredEvent
}

interface Entry extends PendingPurchase {
  /** When it was announced, milliseconds since 1970-01-01 UTC. */
  readonly beganMs: number
  /** Whether it is known to be in the store. */
  isStored: boolean
  /** The model that counted it while it was loaded. */
  countedBy: ServedModel | undefined
}

/** Purchases that came while a model was loaded. */
export interface FeedTap {
  /** Notes that `model` counts a purchase that it found in the store. */
  count(key: bigint, event: StoredEvent, model: ServedModel): void
  /**
   * Makes `model` count what was stored meanwhile and not found, but for customers erased since; synchronous, so that
   * nothing comes between.
   *
   * @param erasures - When customers were erased, by `customerKey`. @defaultValue none
   */
  finish(model: ServedModel, erasures?: ReadonlyMap<bigint, number>): void
  /** Ends the tap without a model. */
  cancel(): void
}

/**
 * Brings each stored purchase into the model that answers exactly once, also when another model is loaded from the store
 * while purchases come.
 */
export class PurchaseFeed {
  readonly #pending = new Set<Entry>()
  readonly #taps = new Set<Entry[]>()

  /** Announces a purchase before it is stored. */
  begin(purchase: PendingPurchase): PendingPurchase {
    const entry: Entry = {
      ...purchase,
      beganMs: Date.now(),
      isStored: false,
      countedBy: undefined,
    }
    this.#pending.add(entry)
    for (const tapped of this.#taps) tapped.push(entry)
    return entry
  }

  /** Tells what became of a purchase; one that was stored is counted by `model`, unless it was while that was loaded. */
  end(purchase: PendingPurchase, wasAdded: boolean, model: ServedModel): void {
    const entry = purchase as Entry
    this.#pending.delete(entry)
    entry.isStored = wasAdded
    if (wasAdded && entry.countedBy !== model) recordPurchase(model, entry)
  }

  /** Starts to note purchases, those on their way first. */
  tap(): FeedTap {
    const tapped = [...this.#pending]
    this.#taps.add(tapped)
    const cancel = (): void => {
      this.#taps.delete(tapped)
    }
    return {
      count: (key, event, model) => {
        if (tapped.length === 0) return
        const entry = tapped.find(
          (one) => one.countedBy !== model && one.key === key && isSame(one.event, event),
        )
        if (entry !== undefined) entry.countedBy = model
      },
      finish: (model, erasures) => {
        for (const entry of tapped) {
          if (!entry.isStored || entry.countedBy === model) continue
          if ((erasures?.get(entry.key) ?? -Infinity) >= entry.beganMs) continue
          entry.countedBy = model
          recordPurchase(model, entry)
        }
        cancel()
      },
      cancel,
    }
  }
}

/** Makes a model count a purchase of an item that it knows. */
export function recordPurchase(
  { lifecycle, attributes }: Pick<ServedModel, 'lifecycle' | 'attributes'>,
  { key, event: { itemId, timestampMs } }: PendingPurchase,
): void {
  const itemRow = attributes.rowOf(itemId)
  if (itemRow === undefined) return
  lifecycle?.record(key, { itemRow, timestampMs, price: attributes.priceOf(itemRow) ?? Number.NaN })
}

function isSame(a: StoredEvent, b: StoredEvent): boolean {
  return a.itemId === b.itemId && a.timestampMs === b.timestampMs && a.quantity === b.quantity
}
