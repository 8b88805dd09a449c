import { customerKey, readDataset } from '@perennial/core'
import type { HistoryStore } from './history/history-store.ts'
import { userKey } from './history/user-key.ts'
import type { ServedModel } from './served-model.ts'

/** Users whose events are on their way into the store at once. */
const USERS_AT_ONCE = 1000

/**
 * Puts the events of a data set folder into a store; a second time nothing is added. Events of customers who were erased
 * are left out up to the time of their erasure.
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
    const positions = Array.from({ length: to - from }, (_, n) => from + n)
    const events = positions
      .filter((i) => (timestampMs[i] as number) > erasedMs)
      .map((i) => ({
        itemId: catalog.idOf(itemRows[i] as number),
        timestampMs: timestampMs[i] as number,
        quantity: quantities[i] as number,
        // The place in the sequence tells apart what one basket holds twice; read again, it is the same.
        eventId: `dataset/${timestampMs[i]}/${i - from}`,
      }))
    if (events.length > 0) underWay.push(store.append(userId, events))
    if (underWay.length === USERS_AT_ONCE) {
      await Promise.all(underWay)
      underWay = []
    }
  }
  await Promise.all(underWay)
}
