import { customerKey, RecommenderError } from '@perennial/core'
import type { HistoryStore } from './history/history-store.ts'
import { checkId } from './read-value.ts'
import type { ServedModel } from './served-model.ts'
import type { MergeReceipt } from './user-erasure.ts'

/** Moves all that is stored of one user into another, and forgets what is in memory of the first. */
export async function mergeUsers(
  model: ServedModel,
  store: HistoryStore,
  { fromUserId, intoUserId }: { readonly fromUserId: string; readonly intoUserId: string },
): Promise<MergeReceipt> {
  checkId('fromUserId', fromUserId)
  checkId('intoUserId', intoUserId)
  if (fromUserId === intoUserId) {
    throw new RecommenderError(
      'INVALID_INPUT',
      'Expected `fromUserId` and `intoUserId` to be two users, got the same.',
    )
  }
  const { numMoved } = await store.merge(fromUserId, intoUserId)
  for (const userId of [fromUserId, intoUserId]) model.queries.delete(userId)
  model.lifecycle?.forget(customerKey(fromUserId))
  return { numMoved }
}
