import { randomUUID } from 'node:crypto'
import { customerKey } from '@perennial/core'
import type { HistoryStore } from './history/history-store.ts'
import type { ServedModel } from './served-model.ts'
import type { ErasureReceipt } from './user-erasure.ts'

/**
 * Erases a user from the store and from memory, and says what is left of him where and until when.
 *
 * @param currentModel - The model that answers once the store has forgotten him: another may have come meanwhile.
 */
export async function eraseUser(
  currentModel: () => ServedModel,
  store: HistoryStore,
  userId: string,
): Promise<ErasureReceipt> {
  const key = customerKey(userId)
  const { numEvents, numShown } = await store.erase(userId)
  const { modelVersion, trainedUntilMs, queries, lifecycle } = currentModel()
  const hadQueries = queries.delete(userId)
  const wasKnown = lifecycle?.forget(key) ?? false
  const trainedUntil = new Date(trainedUntilMs).toISOString()
  return {
    receiptId: randomUUID(),
    erasedAt: new Date().toISOString(),
    erased: [
      {
        place: 'history-store',
        what: `${numEvents} events and ${numShown} times that an item was shown`,
      },
      { place: 'query-cache', what: hadQueries ? 'his query' : 'nothing was there' },
      {
        place: 'lifecycle-state',
        what: wasKnown ? 'the link between him and his purchases' : 'nothing was there',
      },
    ],
    remaining: [
      {
        place: 'model',
        what: `What ${modelVersion} learned from purchases before ${trainedUntil}, his among them if he bought then; its files hold them under a pseudonym.`,
        until: 'An artifact that was trained without him is loaded.',
      },
      ...(lifecycle === undefined
        ? []
        : [
            {
              place: 'model' as const,
              what: "His purchases count for items and as those of someone without a name in this process's memory.",
              until:
                'The next reload or restart, which leaves out his purchases up to this erasure.',
            },
          ]),
      ...(store.kind === 'redis'
        ? [
            {
              place: 'model' as const,
              what: 'Other processes that share the store may still link him to his purchases, and keep his query, in memory.',
              until: 'Their next reload or restart.',
            },
          ]
        : []),
      ...(store.kind === 'lmdb'
        ? [
            {
              place: 'store-files' as const,
              what: 'Items and times of erased events, without his id, may lie in unused pages.',
              until: 'The store is compacted.',
            },
          ]
        : []),
    ],
  }
}
