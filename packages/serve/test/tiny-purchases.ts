import type { HistoryEvent, RecommendResponse } from '../src/recommendation.ts'

/** The time of every question. */
export const AS_OF = '2026-02-01T12:00:00.000Z'

/** Returns a purchase at nine in the morning of a day, UTC. */
export function bought(itemId: string, day: string): HistoryEvent {
  return { itemId, timestamp: `${day}T09:00:00Z` }
}

/** Returns the ids of a list, best first. */
export function idsOf({ items }: Pick<RecommendResponse, 'items'>): string[] {
  return items.map(({ itemId }) => itemId)
}
