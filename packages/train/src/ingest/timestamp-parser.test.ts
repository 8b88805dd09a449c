import { createRng } from '@perennial/core'
import { DateTime } from 'luxon'
import { describe, expect, test } from 'vitest'
import { createZoneClock } from './time-zone.ts'
import { createTimestampParser } from './timestamp-parser.ts'

const rng = createRng(11)
/** Whole seconds from 1995 to 2045. */
const TIMES = Array.from({ length: 2000 }, () => (788_918_400 + rng.nextInt(1_577_836_800)) * 1000)

describe('createTimestampParser', () => {
  test.each([
    ['Europe/London', 'yyyy-MM-dd HH:mm:ss', 'iso'],
    ['America/New_York', "yyyy-MM-dd'T'HH:mm:ss", 'iso'],
    ['Australia/Lord_Howe', 'dd/MM/yyyy HH:mm:ss', 'dd/MM/yyyy HH:mm:ss'],
    ['Pacific/Apia', 'M/d/yyyy h:mm:ss a', 'M/d/yyyy h:mm:ss a'],
    ['Asia/Kathmandu', 'yyyyMMdd HHmmss', 'yyyyMMdd HHmmss'],
    ['Europe/Berlin', 'd MMM yyyy HH:mm:ss', 'd MMM yyyy HH:mm:ss'],
  ])('reads local times of %s as luxon does: %s', (zone, written, format) => {
    const { parse } = createTimestampParser(format, createZoneClock(zone))
    for (const ms of TIMES) {
      const text = DateTime.fromMillis(ms, { zone, locale: 'en' }).toFormat(written)
      const expected = DateTime.fromFormat(text, written, { zone, locale: 'en' })
      const got = parse(text)
      // Of a time that occurs twice luxon may take the second, ingest takes the first.
      const candidates = expected.getPossibleOffsets().map((time) => time.toMillis())
      expect(got, text).toBe(Math.min(...candidates))
    }
  })

  test.each([
    ['2024-05-01T10:00:00Z', Date.UTC(2024, 4, 1, 10)],
    ['2024-05-01T10:00:00.5Z', Date.UTC(2024, 4, 1, 10, 0, 0, 500)],
    ['2024-05-01T10:00:00.123456+02:00', Date.UTC(2024, 4, 1, 8, 0, 0, 123)],
    ['2024-05-01 10:00-0530', Date.UTC(2024, 4, 1, 15, 30)],
    ['2024-05-01 10:00:00 +09', Date.UTC(2024, 4, 1, 1)],
    ['2000-02-29T00:00:00Z', Date.UTC(2000, 1, 29)],
    ['1999-12-31T23:59:59Z', Date.UTC(1999, 11, 31, 23, 59, 59)],
  ])('reads %s without a zone', (text, ms) => {
    expect(createTimestampParser('iso').parse(text)).toBe(ms)
  })

  test.each([
    ...[
      '2023-02-29T00:00:00Z',
      '1900-02-29T00:00:00Z',
      '2024-13-01T00:00:00Z',
      '2024-00-10T00:00:00Z',
    ],
    ...['2024-05-01T24:00:00Z', '2024-05-01T10:60:00Z', '2024-05-01T10:00:60Z', '2024-05-01T10Z'],
    ...[
      '2024-05-01T10:00:00+25:00',
      '2024-05-01T10:00:00 CET',
      '2024-05-01T10:00:00.Z',
      '2024-5-1',
      '',
    ],
  ])('refuses %s', (text) => {
    const parser = createTimestampParser('iso', createZoneClock('UTC'))
    expect(parser.parse(text)).toBeNaN()
    expect(parser.failure).toBe('timestampUnreadable')
  })

  test('says why a local time has no UTC time', () => {
    const withoutZone = createTimestampParser('iso')
    expect(withoutZone.parse('2024-05-01 10:00')).toBeNaN()
    expect(withoutZone.failure).toBe('timestampWithoutZone')
    const inLondon = createTimestampParser('iso', createZoneClock('Europe/London'))
    expect(inLondon.parse('2024-03-31 01:30')).toBeNaN()
    expect(inLondon.failure).toBe('timestampInGap')
    expect(inLondon.parse('2024-03-31 02:00')).toBe(Date.UTC(2024, 2, 31, 1))
    // 01:30 occurs twice on 27 October; the first is summer time.
    expect(inLondon.parse('2024-10-27 01:30')).toBe(Date.UTC(2024, 9, 27, 0, 30))
  })

  test.each([
    ['epoch-s', '1700000000', 1_700_000_000_000],
    ['epoch-s', '1700000000.25', 1_700_000_000_250],
    ['epoch-ms', '1700000000123', 1_700_000_000_123],
  ])('reads %s', (format, text, ms) => {
    expect(createTimestampParser(format).parse(text)).toBe(ms)
    expect(createTimestampParser(format).parse('17e8')).toBeNaN()
  })

  test('refuses days and hours that do not exist in a local format', () => {
    const { parse } = createTimestampParser('d/M/yyyy h:mm a', createZoneClock('UTC'))
    expect(parse('31/4/2024 1:00 PM')).toBeNaN()
    expect(parse('30/4/2024 13:00 PM')).toBeNaN()
    expect(parse('30/4/2024 12:05 AM')).toBe(Date.UTC(2024, 3, 30, 0, 5))
    expect(parse('30/4/2024 12:05 PM')).toBe(Date.UTC(2024, 3, 30, 12, 5))
  })
})
