import { OPERATIONS, type OperationId } from './operations.ts'
import { PerennialHttpError } from './perennial-http-error.ts'

/** Options of {@link createClient}. */
export interface ClientOptions {
  /** Address of the server, for example `https://recommend.example.com`; a path before `/v1` may be part of it. */
  readonly baseUrl: string
  /** Key with the scopes of the operations that are used. @defaultValue none */
  readonly apiKey?: string | undefined
  /** Longest wait for an answer in milliseconds, 1 or more. @defaultValue 10000 */
  readonly timeoutMs?: number | undefined
  /** What sends requests. @defaultValue the `fetch` of the platform */
  readonly fetch?: typeof fetch | undefined
}

/** Options of one call. */
export interface CallOptions {
  /** Ends the call early; it then throws the reason of the signal. */
  readonly signal?: AbortSignal | undefined
}

/** What one operation sends. */
interface Message extends CallOptions {
  /** Values for the parts of the path in braces. */
  readonly params?: Readonly<Record<string, string>> | undefined
  /** Lists become repeated fields; what is undefined is left out. */
  readonly query?: object | undefined
  readonly body?: unknown
}

/** Sends one operation and returns the answer's body. */
export type SendRequest = <T>(operationId: OperationId, message?: Message) => Promise<T>

/** Creates what the client's methods send with. */
export function createSendRequest({
  baseUrl,
  apiKey,
  timeoutMs = 10_000,
  fetch: send = fetch,
}: ClientOptions): SendRequest {
  const base = baseUrl.replace(/\/+$/, '')
  const authorization = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }
  return async <T>(operationId: OperationId, message: Message = {}): Promise<T> => {
    const { method } = OPERATIONS[operationId]
    const { body, signal } = message
    const timeout = AbortSignal.timeout(timeoutMs)
    const response = await send(`${base}${writePath(operationId, message)}`, {
      method,
      headers: {
        ...authorization,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    })
    if (!response.ok) throw await readError(response)
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true
    return (await (isJson ? response.json() : response.text())) as T
  }
}

function writePath(operationId: OperationId, { params = {}, query = {} }: Message): string {
  const path = OPERATIONS[operationId].path.replace(/\{(\w+)\}/g, (_, name: string) =>
    // Dots alone would be taken for a step up, and no encoding but their own keeps them.
    encodeURIComponent(params[name] as string).replace(/^\.{1,2}$/, (dots) =>
      '%2E'.repeat(dots.length),
    ),
  )
  const fields = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined) fields.append(name, String(one))
    }
  }
  return fields.size === 0 ? path : `${path}?${fields}`
}

async function readError(response: Response): Promise<PerennialHttpError> {
  const { status } = response
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN)
  const retryAfterSeconds = Number.isNaN(retryAfter) ? undefined : retryAfter
  const { code, message } = readErrorBody(await response.text())
  return new PerennialHttpError(message, { status, code, retryAfterSeconds })
}

function readErrorBody(text: string): { readonly code: string; readonly message: string } {
  const unreadable = { code: 'UNREADABLE', message: 'Expected an error of Perennial, got another.' }
  try {
    const { code, message } = JSON.parse(text) as { code?: unknown; message?: unknown }
    return typeof code === 'string' && typeof message === 'string' ? { code, message } : unreadable
  } catch {
    // A proxy's page, for example; the status says what is known.
    return unreadable
  }
}
