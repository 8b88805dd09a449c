import { pack } from 'msgpackr'
import { describe, expect, test } from 'vitest'
import { decodeRecord, encodeRecord, type HistoryRecord } from './history-record.ts'

const record: HistoryRecord = {
  version: 1_790_000_000_001,
  droppedThroughMs: 1_700_000_000_000,
  events: [
    { itemId: 'Grüner Tee', timestampMs: -5, quantity: 0.25, eventHash: 0 },
    { itemId: 'tea', timestampMs: 1_700_000_000_000, quantity: 1, eventHash: 2 ** 53 - 1 },
    { itemId: 'tea', timestampMs: 1_700_000_000_000, quantity: 3, eventHash: 77 },
  ],
  shown: new Map([
    ['tea', 1_700_000_000_500],
    ['cup', 1_600_000_000_000],
  ]),
}

describe('decodeRecord', () => {
  test.each<[string, HistoryRecord]>([
    ['all of a record', record],
    ['one unit each, and no event id', plain(record)],
    ['a record of nothing but a version', { ...record, events: [], shown: new Map() }],
    ['a record that dropped nothing', { ...record, droppedThroughMs: -Infinity }],
  ])('gives back %s', (_, expected) => {
    expect(decodeRecord(encodeRecord(expected))).toEqual(expected)
  })

  test('keeps nothing of the bytes', () => {
    const bytes = new Uint8Array(encodeRecord(record))
    const decoded = decodeRecord(bytes)
    bytes.fill(0xff)
    expect(decoded).toEqual(record)
  })

  test('refuses a record of another format', () => {
    expect(() => decodeRecord(pack([2, 0, null]))).toThrow(
      expect.objectContaining({ code: 'STORE_UNAVAILABLE' }),
    )
  })
})

describe('encodeRecord', () => {
  test('takes less than 24 bytes an event, and less than 15 without event ids', () => {
    const events = Array.from({ length: 1_000 }, (_, i) => ({
      itemId: `sku-${1_000 + (i % 9_000)}`,
      timestampMs: 1_700_000_000_000 + i * 86_400_123,
      quantity: 1,
      eventHash: 2 ** 52 + i,
    }))
    const full = { ...record, events }
    expect(encodeRecord(full).length / 1_000).toBeLessThan(24)
    expect(encodeRecord(plain(full)).length / 1_000).toBeLessThan(15)
  })
})

function plain(full: HistoryRecord): HistoryRecord {
  return { ...full, events: full.events.map((event) => ({ ...event, quantity: 1, eventHash: 0 })) }
}
