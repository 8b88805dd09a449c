import { checkInteger } from '@perennial/core'
import type { ApiKeyEntry, RateLimit } from './api-keys.ts'
import type { ServerMetrics } from './metrics.ts'
import type { LogTarget } from './request-log.ts'

/** How long a server waits, in milliseconds. */
export interface ServerTimeouts {
  /** For the head of a request. @defaultValue 10000 */
  readonly headMs?: number | undefined
  /** For a whole request, head and body; `headMs` or more. @defaultValue 30000 */
  readonly requestMs?: number | undefined
  /** For an answer to be made; 503 after that. @defaultValue 30000 */
  readonly answerMs?: number | undefined
  /** For any byte on a connection, while a request or an answer is on its way. @defaultValue 60000 */
  readonly silenceMs?: number | undefined
  /** For the next request on a connection. @defaultValue 72000 */
  readonly keepAliveMs?: number | undefined
}

/** Options of {@link createServer}. */
export interface ServerOptions {
  /** Largest request body, in bytes. @defaultValue 1048576 */
  readonly bodyLimit?: number | undefined
  /** Where log lines go, one JSON object each; they hold no body, no id, no query string and no address. @defaultValue nowhere */
  readonly logTo?: LogTarget | undefined
  /** Who may ask what. @defaultValue none: every request is answered */
  readonly keys?: readonly ApiKeyEntry[] | undefined
  /** Requests that a key without a limit of its own may send; an address on a server without keys. @defaultValue no limit */
  readonly rateLimit?: RateLimit | undefined
  /** @defaultValue See {@link ServerTimeouts}. */
  readonly timeouts?: ServerTimeouts | undefined
  /** Certificate chain and private key, PEM. @defaultValue none: plain HTTP */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined
  /** Addresses or networks of proxies whose `x-forwarded-for` is believed. @defaultValue none */
  readonly trustProxy?: readonly string[] | undefined
  /** What is measured; shared with the recommender's `onTiming`. @defaultValue new ones */
  readonly metrics?: ServerMetrics | undefined
}

/**
 * Fills in the defaults of timeouts.
 *
 * @throws {@link RecommenderError} `INVALID_OPTION` naming the field.
 */
export function readTimeouts({
  headMs = 10_000,
  requestMs = 30_000,
  answerMs = 30_000,
  silenceMs = 60_000,
  keepAliveMs = 72_000,
}: ServerTimeouts): Readonly<Record<keyof ServerTimeouts, number>> {
  checkInteger('timeouts.requestMs', requestMs, 1)
  checkInteger('timeouts.headMs', headMs, 1, requestMs)
  checkInteger('timeouts.answerMs', answerMs, 1)
  checkInteger('timeouts.silenceMs', silenceMs, 1)
  checkInteger('timeouts.keepAliveMs', keepAliveMs, 1)
  return { headMs, requestMs, answerMs, silenceMs, keepAliveMs }
}
