import { DAY_MS, type Dataset, ItemCatalog, type ItemRecord } from '@perennial/core'

/** Events as parallel columns in any order of users; the events of one user keep their order in time. */
export interface DatasetColumns {
  readonly userIds: readonly string[]
  /** One record an item, row 1 first. */
  readonly items: readonly ItemRecord[]
  /** User rows, `0..userIds.length - 1`. */
  readonly userRows: ArrayLike<number>
  /** Item rows, `1..items.length`. */
  readonly itemRows: ArrayLike<number>
  /** Not decreasing within a user. @defaultValue the event's position in its user's sequence, times a day */
  readonly timestampMs?: ArrayLike<number>
  /** @defaultValue 1 everywhere */
  readonly quantities?: ArrayLike<number>
  /** @defaultValue NaN everywhere */
  readonly prices?: ArrayLike<number>
  readonly timeKind: Dataset['timeKind']
  /** @defaultValue null */
  readonly currency?: string
}

/** Builds a {@link Dataset}: events move to their user's sequence and keep their order there. */
export function createDataset(columns: DatasetColumns): Dataset {
  const { userIds, userRows, itemRows, timestampMs, quantities, prices } = columns
  const numUsers = userIds.length
  const numEvents = userRows.length
  const offsets = new Int32Array(numUsers + 1)
  for (let i = 0; i < numEvents; i++) {
    const next = (userRows[i] as number) + 1
    offsets[next] = (offsets[next] as number) + 1
  }
  for (let u = 0; u < numUsers; u++) {
    offsets[u + 1] = (offsets[u + 1] as number) + (offsets[u] as number)
  }
  const sequences = {
    numUsers,
    offsets,
    itemRows: new Int32Array(numEvents),
    timestampMs: new Float64Array(numEvents),
    quantities: new Float32Array(numEvents).fill(1),
    prices: new Float32Array(numEvents).fill(Number.NaN),
  }
  const ends = offsets.slice(0, numUsers)
  for (let i = 0; i < numEvents; i++) {
    const user = userRows[i] as number
    const end = ends[user] as number
    ends[user] = end + 1
    sequences.itemRows[end] = itemRows[i] as number
    sequences.timestampMs[end] = timestampMs?.[i] ?? (end - (offsets[user] as number)) * DAY_MS
    if (quantities !== undefined) sequences.quantities[end] = quantities[i] as number
    if (prices !== undefined) sequences.prices[end] = prices[i] as number
  }
  return {
    userIds,
    catalog: new ItemCatalog(columns.items),
    sequences,
    timeKind: columns.timeKind,
    currency: columns.currency ?? null,
  }
}
