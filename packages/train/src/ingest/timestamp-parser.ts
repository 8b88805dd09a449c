import { RecommenderError } from '@perennial/core'
import { DateTime } from 'luxon'
import { createIsoReader, type ReadTime } from './iso-time.ts'
import type { ZoneClock } from './time-zone.ts'

/** Turns the text of a time into UTC milliseconds, or NaN with the reason in `failure`. */
export interface TimestampParser {
  parse(text: string): number
  /** Why the last call of `parse` gave NaN. */
  readonly failure: TimestampFailure
}

/** Reasons of {@link TimestampParser}, named as in `ROW_REASONS`. */
export type TimestampFailure = 'timestampUnreadable' | 'timestampWithoutZone' | 'timestampInGap'

/**
 * Creates the parser of one time format.
 *
 * @param format - `iso`, `epoch-s`, `epoch-ms` or a luxon format such as `dd/MM/yyyy HH:mm`.
 * @param clock - Zone of times without an offset. Without it such times are refused.
 * @throws {@link RecommenderError} `INVALID_OPTION` if the format names no year.
 */
export function createTimestampParser(format: string, clock?: ZoneClock): TimestampParser {
  const read = createReader(format)
  let lastText = ''
  let lastMs = Number.NaN
  let failure: TimestampFailure = 'timestampUnreadable'
  const parse = (text: string): number => {
    const time = read(text)
    failure = 'timestampUnreadable'
    if (Number.isNaN(time.ms) || !time.isLocal) return time.ms
    failure = clock === undefined ? 'timestampWithoutZone' : 'timestampInGap'
    return clock === undefined ? Number.NaN : clock.toUtc(time.ms)
  }
  return {
    parse: (text) => {
      // The lines of one order carry the same time.
      if (text === lastText) return lastMs
      lastText = text
      lastMs = parse(text)
      return lastMs
    },
    get failure() {
      return failure
    },
  }
}

/** Returns the function that reads a format, without a zone. The object it returns is used again by the next call. */
export function createReader(format: string): (text: string) => ReadTime {
  if (format === 'iso') return createIsoReader()
  if (format === 'epoch-s') return createEpochReader(1000)
  if (format === 'epoch-ms') return createEpochReader(1)
  return createLuxonReader(format)
}

function createEpochReader(unitMs: number): (text: string) => ReadTime {
  const time: ReadTime = { ms: Number.NaN, isLocal: false }
  return (text) => {
    time.ms = /^-?\d+(\.\d+)?$/.test(text) ? Math.round(Number(text) * unitMs) : Number.NaN
    return time
  }
}

/** The luxon tokens that a regular expression can read; luxon itself takes some 20 microseconds a value. */
const NUMERIC_TOKENS: Readonly<Record<string, string>> = {
  yyyy: '(?<year>\\d{4})',
  MM: '(?<month>\\d{2})',
  M: '(?<month>\\d{1,2})',
  dd: '(?<day>\\d{2})',
  d: '(?<day>\\d{1,2})',
  HH: '(?<hour>\\d{2})',
  H: '(?<hour>\\d{1,2})',
  hh: '(?<hour12>\\d{2})',
  h: '(?<hour12>\\d{1,2})',
  mm: '(?<minute>\\d{2})',
  m: '(?<minute>\\d{1,2})',
  ss: '(?<second>\\d{2})',
  s: '(?<second>\\d{1,2})',
  SSS: '(?<millisecond>\\d{3})',
  a: '(?<meridiem>[AaPp][Mm])',
}

function createLuxonReader(format: string): (text: string) => ReadTime {
  if (!/y|kk|o{3}|X|x/.test(format)) {
    throw new RecommenderError(
      'INVALID_OPTION',
      `Expected \`timestampFormat\` (--timestamp-format) to be iso, epoch-s, epoch-ms or a luxon format such as "dd/MM/yyyy HH:mm", got '${format}'.`,
    )
  }
  const tokens = format.match(/([A-Za-z])\1*|[^A-Za-z]+/g) ?? []
  const isNumeric = tokens.every((token) => /[^A-Za-z']/.test(token) || token in NUMERIC_TOKENS)
  if (!isNumeric || format.includes("'")) return createSlowReader(format)
  const source = tokens.map((token) => NUMERIC_TOKENS[token] ?? escapePattern(token)).join('')
  const pattern = new RegExp(`^${source}$`)
  const time: ReadTime = { ms: Number.NaN, isLocal: true }
  return (text) => {
    const parts = pattern.exec(text)?.groups
    time.ms = parts === undefined ? Number.NaN : toLocalMs(parts)
    return time
  }
}

function toLocalMs(parts: Readonly<Record<string, string | undefined>>): number {
  const read = (name: string, fallback: number): number => Number(parts[name] ?? fallback)
  const [year, month, day] = [read('year', 1970), read('month', 1), read('day', 1)]
  const [minute, second] = [read('minute', 0), read('second', 0)]
  let hour = read('hour', 0)
  if (parts.hour12 !== undefined) {
    if (Number(parts.hour12) < 1 || Number(parts.hour12) > 12) return Number.NaN
    hour = (Number(parts.hour12) % 12) + (/p/i.test(parts.meridiem ?? '') ? 12 : 0)
  }
  const ms = Date.UTC(year, month - 1, day, hour, minute, second, read('millisecond', 0))
  // Date.UTC carries 31 April over into May; the round trip refuses it.
  const date = new Date(ms)
  const isReal =
    date.getUTCMonth() === month - 1 && date.getUTCDate() === day && date.getUTCHours() === hour
  return isReal && minute < 60 && second < 60 ? ms : Number.NaN
}

/** Reads by luxon what has month names, offsets or quoted text. */
function createSlowReader(format: string): (text: string) => ReadTime {
  const hasOffset = /Z|z|X|x/.test(format.replace(/'[^']*'/g, ''))
  const time: ReadTime = { ms: Number.NaN, isLocal: !hasOffset }
  return (text) => {
    const parsed = DateTime.fromFormat(text, format, { zone: 'utc', locale: 'en' })
    time.ms = parsed.isValid ? parsed.toMillis() : Number.NaN
    return time
  }
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
