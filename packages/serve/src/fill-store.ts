import { customerKey, readDataset } from '@perennial/core'
import type { HistoryStore, StoredEvent } from './history/history-store.ts'
import { userKey } from './history/user-key.ts'
import type { ServedModel } from './served-model.ts'

/** Users whose events are on their way into the store at once. */
const USERS_AT_ONCE = 1000

/**
 * Puts the events of a data set folder into a store; what the store has already of a user, an item and a time is not added
 * again. Events of customers who were erased are left out up to the time of their erasure.
 *
 * @param eventTypes - What training learned from: the rest is no purchase in a history either.
 * @throws {@link RecommenderError} `DATASET_MISSING` and what a data set is refused for.
 */
export async function fillStore(
  store: HistoryStore,
  folder: string,
  {
    eventTypes,
    signal,
  }: Pick<ServedModel, 'eventTypes'> & { readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const { userIds, catalog, sequences } = await readDataset(folder, { eventTypes })
  const { offsets, itemRows, timestampMs, quantities } = sequences
  const erasures = await store.erasures()
  let underWay: Promise<unknown>[] = []
  // In the order of their keys: a store on disk writes neighbours together.
  const keys = userIds.map(userKey)
  const userRows = [...keys.keys()].sort((a, b) =>
    (keys[a] as string) < (keys[b] as string) ? -1 : 1,
  )
  for (const userRow of userRows) {
    const userId = userIds[userRow] as string
    signal?.throwIfAborted()
    const erasedMs = erasures.get(customerKey(userId)) ?? -Infinity
    const [from, to] = [offsets[userRow] as number, offsets[userRow + 1] as number]
    const { events: known } = await store.read(userId)
    const counts = new Map<string, number>()
    for (const { itemId, timestampMs: ms } of known) count(counts, `${ms}/${itemId}`)
    const seen = new Map<string, number>()
    const events: StoredEvent[] = []
    for (let i = from; i < to; i++) {
      const ms = timestampMs[i] as number
      if (ms <= erasedMs) continue
      const itemId = catalog.idOf(itemRows[i] as number)
      // What the store has of an item at a time, by whatever way it came, is not added again.
      const place = count(seen, `${ms}/${itemId}`)
      if (place <= (counts.get(`${ms}/${itemId}`) ?? 0)) continue
      const eventId = `dataset/${ms}/${itemId}/${place}`
      events.push({ itemId, timestampMs: ms, quantity: quantities[i] as number, eventId })
    }
    if (events.length > 0) underWay.push(store.append(userId, events))
    if (underWay.length === USERS_AT_ONCE) {
      await Promise.all(underWay)
      underWay = []
    }
  }
  await Promise.all(underWay)
}

/** Counts one more and returns how many that makes. */
function count(counts: Map<string, number>, key: string): number {
  const next = (counts.get(key) ?? 0) + 1
  counts.set(key, next)
  return next
}
