import { checkInteger, checkPolicy, type RankingPolicy } from '@perennial/core'
import type { DescribeCustomerRequest } from './customer-description.ts'
import type { StoredEvent } from './history/history-store.ts'
import {
  checkFlag,
  checkId,
  checkLength,
  checkObject,
  invalid,
  REQUEST_LIMITS,
  readTimestamp,
} from './read-value.ts'
import type { HistoryEvent, RecommendRequest, UserEvent } from './recommendation.ts'

/** A checked {@link RecommendRequest}: defaults filled in, times as numbers. */
export interface Question {
  /** The user, or the events themselves, oldest first. */
  readonly customer: { readonly userId: string } | { readonly events: readonly StoredEvent[] }
  readonly k: number
  readonly policy: RankingPolicy
  readonly asOfMs: number
  readonly explain: boolean
  readonly includeSuppressed: boolean
  readonly consent: boolean
}

/** A checked {@link DescribeCustomerRequest}. */
export type CustomerQuestion = Pick<Question, 'customer' | 'asOfMs'> & {
  readonly maxRepeats: number
}

/**
 * Checks a request and fills in its defaults; the only place that knows them.
 *
 * @param nowMs - The time of the question when the request names none.
 * @throws {@link RecommenderError} `INVALID_INPUT` or `INVALID_OPTION` naming the field.
 */
export function readRequest(request: RecommendRequest, nowMs: number): Question {
  checkObject('request', request)
  const { userId, history, consent, k = 10, asOf, explain, includeSuppressed, ...policy } = request
  const mayRemember = checkFlag('consent', consent, true)
  checkInteger('k', k, 1, REQUEST_LIMITS.maxK)
  checkLength('exclude', policy.exclude ?? [], REQUEST_LIMITS.maxExclude)
  checkPolicy(policy)
  return {
    ...readAsked(
      { userId: mayRemember ? userId : undefined, history, asOf },
      { nowMs, mayRemember },
    ),
    k,
    policy,
    explain: checkFlag('explain', explain, true),
    includeSuppressed: checkFlag('includeSuppressed', includeSuppressed, false),
    consent: mayRemember,
  }
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
  checkObject('request', request)
  const { maxRepeats = 10 } = request
  checkInteger('maxRepeats', maxRepeats, 0, REQUEST_LIMITS.maxK)
  return { ...readAsked(request, { nowMs, mayRemember: true }), maxRepeats }
}

function readAsked(
  { userId, history, asOf }: Pick<RecommendRequest, 'userId' | 'history' | 'asOf'>,
  { nowMs, mayRemember }: { readonly nowMs: number; readonly mayRemember: boolean },
): Pick<Question, 'customer' | 'asOfMs'> {
  if (mayRemember && (userId === undefined) === (history === undefined)) {
    const got = userId === undefined ? 'neither' : 'both'
    throw invalid('userId', 'or `history` to be given, one of the two', got)
  }
  return {
    customer:
      userId === undefined
        ? { events: readHistory(history ?? []) }
        : { userId: checkId('userId', userId) },
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
  checkObject(path, event)
  const { itemId, timestamp, quantity = 1, eventId } = event
  if (!(Number.isFinite(quantity) && quantity > 0)) {
    throw invalid(`${path}.quantity`, 'to be a number above 0', quantity)
  }
  if (eventId !== undefined) checkId(`${path}.eventId`, eventId)
  return {
    itemId: checkId(`${path}.itemId`, itemId),
    timestampMs: readTimestamp(`${path}.timestamp`, timestamp),
    quantity,
    eventId,
  }
}

function readHistory(history: readonly HistoryEvent[]): StoredEvent[] {
  checkLength('history', history, REQUEST_LIMITS.maxHistory)
  return history
    .map((event, i) => readEvent(event, `history[${i}]`))
    .sort((a, b) => a.timestampMs - b.timestampMs)
}
