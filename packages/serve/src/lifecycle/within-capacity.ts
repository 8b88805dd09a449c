import type { History } from '@perennial/core'

/** Returns a history without items that the state of a shop has no room for. */
export function withinCapacity(history: History, capacity: number): History {
  const { itemRows } = history
  if (itemRows.every((itemRow) => itemRow <= capacity)) return history
  const isKept = (_: unknown, i: number): boolean => (itemRows[i] as number) <= capacity
  return {
    ...history,
    itemRows: itemRows.filter(isKept),
    timestampMs: history.timestampMs.filter(isKept),
    quantities: history.quantities.filter(isKept),
  }
}
