import type { StoredEvent, UserHistory } from './history-store.ts'

/** Returns the history of a customer whose events came with a question: nothing of it is stored. */
export function historyOf(events: readonly StoredEvent[]): UserHistory {
  return { version: 0, events, shown: new Map() }
}
