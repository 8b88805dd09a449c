import { checkFilter, checkInteger, type Filter, RecommenderError } from '@perennial/core'
import type { DescribeCustomerRequest } from './customer-description.ts'
import type { StoredEvent } from './history-store.ts'
import type { HistoryEvent, RecommendRequest, UserEvent } from './recommendation.ts'

/** A checked {@link RecommendRequest}: defaults filled in, times as numbers. */
export interface Question {
  /** The user, or the events themselves, oldest first. */
  readonly customer: { readonly userId: string } | { readonly events: readonly StoredEvent[] }
  readonly k: number
  readonly exclude: readonly string[]
  readonly filter: Filter | undefined
  readonly asOfMs: number
  readonly explain: boolean
  readonly includeSuppressed: boolean
}

/** A checked {@link DescribeCustomerRequest}. */
export type CustomerQuestion = Pick<Question, 'customer' | 'asOfMs'> & {
  readonly maxRepeats: number
}

/** Limits on what one request may hold. */
export const REQUEST_LIMITS = {
  maxK: 1000,
  maxHistory: 10_000,
  maxExclude: 10_000,
  maxEvents: 1000,
} as const

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i

/**
 * Checks a request and fills in its defaults; the only place that knows them.
 *
 * @param nowMs - The time of the question when the request names none.
 * @throws {@link RecommenderError} `INVALID_INPUT` or `INVALID_OPTION` naming the field.
 */
export function readRequest(request: RecommendRequest, nowMs: number): Question {
  const { k = 10, exclude = [], filter, explain = true, includeSuppressed = false } = request
  const asked = readAsked(request, nowMs)
  checkInteger('k', k, 1, REQUEST_LIMITS.maxK)
  checkLength('exclude', exclude, REQUEST_LIMITS.maxExclude)
  exclude.forEach((itemId, i) => {
    checkText(`exclude[${i}]`, itemId)
  })
  if (filter !== undefined) checkFilter(filter)
  return { ...asked, k, exclude, filter, explain, includeSuppressed }
}

/**
 * Checks a question about a customer and fills in its defaults.
 *
 * @param nowMs - The time of the question when the request names none.
 * @throws {@link RecommenderError} `INVALID_INPUT` or `INVALID_OPTION` naming the field.
 */
export function readCustomerRequest(
  request: DescribeCustomerRequest,
  nowMs: number,
): CustomerQuestion {
  const { maxRepeats = 10 } = request
  const asked = readAsked(request, nowMs)
  checkInteger('maxRepeats', maxRepeats, 0, REQUEST_LIMITS.maxK)
  return { ...asked, maxRepeats }
}

function readAsked(
  { userId, history, asOf }: Pick<RecommendRequest, 'userId' | 'history' | 'asOf'>,
  nowMs: number,
): Pick<Question, 'customer' | 'asOfMs'> {
  if ((userId === undefined) === (history === undefined)) {
    const got = userId === undefined ? 'neither' : 'both'
    throw invalid('userId', 'or `history` to be given, one of the two', got)
  }
  return {
    customer:
      history === undefined
        ? { userId: checkText('userId', userId) }
        : { events: readHistory(history) },
    asOfMs: asOf === undefined ? nowMs : readTimestamp('asOf', asOf),
  }
}

/**
 * Checks one event and converts it to the form that a store keeps.
 *
 * @param path - Where the event stands, for messages.
 * @throws {@link RecommenderError} `INVALID_INPUT` naming the field.
 */
export function readEvent(event: HistoryEvent & Partial<UserEvent>, path: string): StoredEvent {
  const { itemId, timestamp, quantity = 1, eventId } = event
  if (!(Number.isFinite(quantity) && quantity > 0)) {
    throw invalid(`${path}.quantity`, 'to be a number above 0', quantity)
  }
  if (eventId !== undefined) checkText(`${path}.eventId`, eventId)
  return {
    itemId: checkText(`${path}.itemId`, itemId),
    timestampMs: readTimestamp(`${path}.timestamp`, timestamp),
    quantity,
    eventId,
  }
}

/** Throws `INVALID_INPUT` unless `value` is a string that is not empty, and returns it. */
export function checkText(path: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value
  throw invalid(path, 'to be a string that is not empty', value)
}

/** Throws `INVALID_INPUT` unless `values` is a list of `maxLength` entries or fewer. */
export function checkLength(path: string, values: unknown, maxLength: number): void {
  if (Array.isArray(values) && values.length <= maxLength) return
  throw invalid(
    path,
    `to be a list of ${maxLength} entries or fewer`,
    Array.isArray(values) ? values.length : values,
  )
}

function readHistory(history: readonly HistoryEvent[]): StoredEvent[] {
  checkLength('history', history, REQUEST_LIMITS.maxHistory)
  return history
    .map((event, i) => readEvent(event, `history[${i}]`))
    .sort((a, b) => a.timestampMs - b.timestampMs)
}

function readTimestamp(path: string, value: unknown): number {
  if (typeof value === 'string' && RFC_3339.test(value)) {
    const timestampMs = Date.parse(value)
    // Date.parse takes the 30th of February for a day in March.
    const day = value.slice(0, 10)
    const isDay = new Date(Date.parse(`${day}T00:00:00Z`)).toJSON()?.startsWith(day)
    if (!Number.isNaN(timestampMs) && isDay) return timestampMs
  }
  throw invalid(path, 'to be a time such as 2026-01-31T18:30:00Z', value)
}

function invalid(path: string, expected: string, value: unknown): RecommenderError {
  const got = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing')
  return new RecommenderError(
    'INVALID_INPUT',
    `Expected \`${path}\` ${expected}, got ${got.slice(0, 100)}.`,
  )
}
