import { dropExpired, nextVersion, type RecordChangeOptions } from './drop-expired.ts'
import { hashEventId } from './hash-event-id.ts'
import { oldestKeptMs } from './history-options.ts'
import type { HistoryRecord, KeptEvent } from './history-record.ts'
import type { AppendResult, StoredEvent } from './history-store.ts'

/** Returns events as records keep them. */
export function toKeptEvents(events: readonly StoredEvent[]): KeptEvent[] {
  return events.map(({ itemId, timestampMs, quantity, eventId }) => ({
    itemId,
    timestampMs,
    quantity,
    eventHash: eventId === undefined ? 0 : hashEventId(eventId),
  }))
}

/**
 * Places events by their time, one after another, and returns the new record and what became of each; the same record
 * if nothing changes.
 *
 * Among equal times the last added is the newest. Beyond the cap the oldest goes, and from then on no event of its time
 * or earlier is taken: its id is forgotten with it, so a repetition could not be told from a new event.
 */
export function insertEvents(
  before: HistoryRecord,
  inserted: readonly KeptEvent[],
  options: RecordChangeOptions,
): { readonly record: HistoryRecord; readonly results: AppendResult[] } {
  const { limits, nowMs } = options
  const record = dropExpired(before, options)
  const oldestMs = oldestKeptMs(limits, nowMs)
  const events = [...record.events]
  const knownHashes = new Set(events.map((event) => event.eventHash))
  let { droppedThroughMs } = record

  function insert(event: KeptEvent): AppendResult {
    const { eventHash, timestampMs } = event
    if (eventHash !== 0 && knownHashes.has(eventHash)) return 'duplicate'
    if (timestampMs < oldestMs || timestampMs <= droppedThroughMs) return 'too-old'
    const isNewest = timestampMs >= (events.at(-1)?.timestampMs ?? -Infinity)
    const place = isNewest
      ? events.length
      : events.findLastIndex((kept) => kept.timestampMs <= timestampMs) + 1
    if (place === 0 && events.length >= limits.maxEventsPerUser) return 'too-old'
    events.splice(place, 0, event)
    knownHashes.add(eventHash)
    while (events.length > limits.maxEventsPerUser) dropOldest()
    return 'added'
  }

  function dropOldest(): void {
    const { timestampMs, eventHash } = events.shift() as KeptEvent
    knownHashes.delete(eventHash)
    droppedThroughMs = Math.max(droppedThroughMs, timestampMs)
  }

  const results = inserted.map(insert)
  if (!results.includes('added')) return { record, results }
  return {
    record: { ...record, version: nextVersion(record, nowMs), droppedThroughMs, events },
    results,
  }
}
