import { checkNumber, createRng } from '@perennial/core'
import { createZipf } from '../zipf.ts'

/** What a request does: ask for a list, or record a purchase. */
export type RequestKind = 'read' | 'write'

/** One request of a workload. */
export type WorkloadRequest =
  | { readonly kind: 'read'; readonly userId: string }
  | {
      readonly kind: 'write'
      readonly userId: string
      readonly itemId: string
      /** Never used before. */
      readonly eventId: string
    }

/** Options of {@link createWorkload}. */
export interface WorkloadOptions {
  readonly userIds: readonly string[]
  readonly itemIds: readonly string[]
  /** Share of requests that record a purchase, `0..1`. */
  readonly writeShare: number
  /** How fast the shares of users and items fall with their rank; 0 makes all equal. */
  readonly zipfExponent: number
  readonly seed: number
  /** Sets this run's event ids apart from those of other runs. */
  readonly runId: string
}

/** Returns a function that draws requests: users and items by Zipf's law, reads and writes at random. */
export function createWorkload({
  userIds,
  itemIds,
  writeShare,
  zipfExponent: exponent,
  seed,
  runId,
}: WorkloadOptions): () => WorkloadRequest {
  checkNumber('writeShare', writeShare, 0, 1)
  checkNumber('zipfExponent', exponent, 0)
  const rng = createRng(seed, 0x6d6978)
  const drawUser = createZipf(userIds.length, { rng, exponent })
  const drawItem = createZipf(itemIds.length, { rng, exponent })
  let numWrites = 0
  return () => {
    const userId = userIds[drawUser()] as string
    if (rng.next() >= writeShare) return { kind: 'read', userId }
    const itemId = itemIds[drawItem()] as string
    return { kind: 'write', userId, itemId, eventId: `${runId}-${numWrites++}` }
  }
}
