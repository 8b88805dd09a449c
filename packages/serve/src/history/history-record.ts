import { RecommenderError } from '@perennial/core'
import { pack, unpack } from 'msgpackr'
import type { StoredEvent } from './history-store.ts'

/** One event in a record: its id is a hash; see {@link hashEventId}. */
export interface KeptEvent extends Omit<StoredEvent, 'eventId'> {
  /** 0 for an event that came without an id. */
  readonly eventHash: number
}

/** All that a store keeps of one user. */
export interface HistoryRecord {
  /** Never falls: a user erased or merged away leaves a record of nothing but this. */
  readonly version: number
  /** No event up to this time is taken any more: the newest that the cap dropped; `-Infinity` before. */
  readonly droppedThroughMs: number
  /** Oldest first. */
  readonly events: readonly KeptEvent[]
  /** Milliseconds since 1970-01-01 UTC by item id. */
  readonly shown: ReadonlyMap<string, number>
}

/** The record of a user never seen. */
export const NO_HISTORY_RECORD: HistoryRecord = {
  version: 0,
  droppedThroughMs: -Infinity,
  events: [],
  shown: new Map(),
}

const FORMAT = 1

/** A record by column, as msgpack writes it; times are a first one and the steps after it. */
type PackedRecord = readonly [
  format: number,
  version: number,
  droppedThroughMs: number | null,
  itemIds: readonly string[],
  timestampSteps: readonly number[],
  /** `null` when all are 1. */
  quantities: readonly number[] | null,
  /** Eight bytes an event; `null` when no event has an id. */
  eventHashes: Uint8Array | null,
  shownItemIds: readonly string[],
  shownTimestampSteps: readonly number[],
]

/** Encodes a record, about 22 bytes an event with an id of its own and an item id of 8 characters. */
export function encodeRecord({
  version,
  droppedThroughMs,
  events,
  shown,
}: HistoryRecord): Uint8Array {
  const itemIds: string[] = []
  const timestampsMs: number[] = []
  const quantities: number[] = []
  const hashes = new Float64Array(events.length)
  for (const [i, event] of events.entries()) {
    itemIds.push(event.itemId)
    timestampsMs.push(event.timestampMs)
    quantities.push(event.quantity)
    hashes[i] = event.eventHash
  }
  const packed: PackedRecord = [
    FORMAT,
    version,
    droppedThroughMs === -Infinity ? null : droppedThroughMs,
    itemIds,
    toSteps(timestampsMs),
    quantities.every((quantity) => quantity === 1) ? null : quantities,
    hashes.every((hash) => hash === 0) ? null : new Uint8Array(hashes.buffer),
    [...shown.keys()],
    toSteps([...shown.values()]),
  ]
  return pack(packed)
}

/**
 * Decodes what {@link encodeRecord} wrote; `bytes` may be reused afterwards.
 *
 * @throws {@link RecommenderError} `STORE_UNAVAILABLE` if another version of Perennial wrote it.
 */
export function decodeRecord(bytes: Uint8Array): HistoryRecord {
  const packed = unpack(bytes) as PackedRecord
  const [format, version, dropped, itemIds, steps, quantities, hashBytes, shownItemIds] = packed
  if (format !== FORMAT) {
    throw new RecommenderError(
      'STORE_UNAVAILABLE',
      `Expected a history of format ${FORMAT}, got \`${format}\`. Another version of Perennial wrote it.`,
    )
  }
  // A copy, since the bytes are not aligned to eight and may be overwritten.
  const hashes = hashBytes && new Float64Array(new Uint8Array(hashBytes).buffer)
  let timestampMs = 0
  const events = itemIds.map((itemId, i) => {
    timestampMs += steps[i] as number
    const [quantity, eventHash] = [quantities ? quantities[i] : 1, hashes ? hashes[i] : 0]
    return { itemId, timestampMs, quantity, eventHash } as KeptEvent
  })
  let shownMs = 0
  const shown = new Map(
    shownItemIds.map((itemId, i) => {
      shownMs += packed[8][i] as number
      return [itemId, shownMs]
    }),
  )
  return { version, droppedThroughMs: dropped ?? -Infinity, events, shown }
}

/** Tells whether a record holds anything of its user. */
export function isInUse({ events, shown }: HistoryRecord): boolean {
  return events.length > 0 || shown.size > 0
}

function toSteps(timestampsMs: readonly number[]): number[] {
  return timestampsMs.map((timestampMs, i) => timestampMs - (timestampsMs[i - 1] ?? 0))
}
