import type { HistoryRecord } from './history-record.ts'
import type { HistoryLimits } from './history-store.ts'

/** Items and when each was last shown, milliseconds since 1970-01-01 UTC. */
export type ShownItems = Iterable<readonly [itemId: string, shownMs: number]>

/** Returns the record with items shown: of each the newest time, and of all those shown last. */
export function keepShown(
  record: HistoryRecord,
  items: ShownItems,
  { maxShownPerUser }: HistoryLimits,
): HistoryRecord {
  const shown = new Map(record.shown)
  for (const [itemId, shownMs] of items) {
    shown.set(itemId, Math.max(shown.get(itemId) ?? -Infinity, shownMs))
  }
  if (shown.size <= maxShownPerUser) return { ...record, shown }
  const newestFirst = [...shown].sort(([, left], [, right]) => right - left)
  return { ...record, shown: new Map(newestFirst.slice(0, maxShownPerUser)) }
}
