import { Recommender } from '@perennial/serve'
import { LOG_END_MS } from '../generate-log.ts'
import type { Subject } from '../subject.ts'
import { measureMemory } from './measure-memory.ts'

/** What a process keeps of customers that it answered. */
export interface CacheStorage {
  readonly numUsers: number
  readonly heapBytesPerUser: number
}

const NUM_WARM_UP = 500
const MAX_USERS = 5000
const BATCH_SIZE = 50

/** Asks once for each of up to 5000 customers, without reasons, and measures what stays in memory, mostly their queries. */
export async function measureCache(
  { artifactFolder, datasetFolder, events }: Subject,
  signal?: AbortSignal,
): Promise<CacheStorage> {
  const numWarmUp = Math.min(NUM_WARM_UP, Math.floor(events.userIds.length / 2))
  const userIds = events.userIds.slice(numWarmUp, numWarmUp + MAX_USERS)
  const recommender = await Recommender.load(artifactFolder, { dataset: datasetFolder, signal })
  const asOf = new Date(LOG_END_MS).toISOString()
  const ask = async (ids: readonly string[]): Promise<void> => {
    for (let start = 0; start < ids.length; start += BATCH_SIZE) {
      const batch = ids.slice(start, start + BATCH_SIZE)
      await recommender.recommendBatch(
        batch.map((userId) => ({ userId, k: 10, explain: false, asOf })),
        { signal },
      )
    }
  }
  try {
    await ask(events.userIds.slice(0, numWarmUp))
    const { heapBytes } = await measureMemory(() => ask(userIds))
    return { numUsers: userIds.length, heapBytesPerUser: heapBytes / userIds.length }
  } finally {
    await recommender.close()
  }
}
