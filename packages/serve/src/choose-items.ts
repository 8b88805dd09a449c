import { applyPolicy, type OwnedItem, type PolicyResult, type RankingPolicy } from '@perennial/core'
import type { Candidates } from './candidates.ts'
import type { ServedModel } from './served-model.ts'

/** What a list is chosen by. */
export interface ChooseItemsOptions {
  readonly k: number
  readonly policy: RankingPolicy
  readonly asOfMs: number
  /** By item id, when the customer was last shown it, milliseconds since 1970-01-01 UTC. */
  readonly shown: ReadonlyMap<string, number>
  /** By item row, 1 for what a durable of the customer speaks against. */
  readonly suppressed: Uint8Array | undefined
  readonly accessoryOf: ReadonlyMap<number, OwnedItem>
}

/** Chooses a list from candidates as the policy says. */
export function chooseItems(
  {
    attributes,
    availability,
    filters,
    popular,
    index,
  }: Pick<ServedModel, 'attributes' | 'availability' | 'filters' | 'popular' | 'index'>,
  candidates: Candidates,
  { k, policy, asOfMs, shown, suppressed, accessoryOf }: ChooseItemsOptions,
): PolicyResult {
  const lastShownMs = new Map<number, number>()
  for (const [itemId, shownMs] of shown) {
    const itemRow = attributes.rowOf(itemId)
    if (itemRow !== undefined) lastShownMs.set(itemRow, shownMs)
  }
  return applyPolicy(candidates, policy, {
    k,
    asOfMs,
    attributes,
    filterFlags: policy.filter && filters.resolve(policy.filter),
    offerable: availability.at(asOfMs).flags,
    suppressed,
    popularity: popular.popularity,
    lastShownMs,
    accessoryOf,
    vectorOf: (itemRow) => {
      const vector = new Float32Array(index.dim)
      index.readVector(itemRow, vector, 0)
      return vector
    },
  })
}
