import { startMetronome } from './start-metronome.ts'

/** One request of an open loop, once it is over. */
export interface OpenLoopAnswer {
  /** Counts requests from 0 in the order they were due. */
  readonly i: number
  readonly dueMs: number
  /** From the time the request was due, sent late or not, to its answer. */
  readonly latencyMs: number
  /** From the time the request was due to the time it was sent. */
  readonly lateMs: number
  /** Why the request failed; `undefined` for one that was answered. */
  readonly error?: unknown
}

/** Options of {@link runOpenLoop}. */
export interface OpenLoopOptions {
  /** When requests are due, in milliseconds from the start, ascending. */
  readonly dueMs: Float64Array
  /** Told of each request once it is over. */
  readonly onAnswer: (answer: OpenLoopAnswer) => void
  /** How long the last requests may take; those open then have failed. @defaultValue 10000 */
  readonly drainMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** A request that was not answered before the loop ended. */
export class UnansweredError extends Error {
  override readonly name = 'UnansweredError'
}

/**
 * Sends each request when it is due, whether or not earlier ones are answered, and measures it from that
 * time: a request that waits behind a slow one counts its waiting, as it does for a customer.
 *
 * @param send - Sends request `i` and settles when it is answered.
 */
export async function runOpenLoop(
  send: (i: number) => Promise<unknown>,
  { dueMs, onAnswer, drainMs = 10_000, signal }: OpenLoopOptions,
): Promise<void> {
  signal?.throwIfAborted()
  if (dueMs.length === 0) return
  const open = new Map<number, { readonly dueMs: number; readonly lateMs: number }>()
  let numSent = 0
  let drainTimer: NodeJS.Timeout | undefined
  const { promise, resolve, reject } = withResolvers()
  const metronome = startMetronome(dueMs, {
    onError: reject,
    onDue: (numDue) => {
      while (numSent < numDue) sendOne(numSent++)
      // Only now is it known that nothing is left to send.
      if (numSent === dueMs.length) {
        drainTimer = setTimeout(resolve, drainMs)
        if (open.size === 0) resolve()
      }
    },
  })
  const sendOne = (i: number): void => {
    const due = dueMs[i] as number
    const lateMs = metronome.nowMs() - due
    open.set(i, { dueMs: due, lateMs })
    const end = (error?: unknown): void => {
      if (!open.delete(i)) return
      const latencyMs = metronome.nowMs() - due
      onAnswer({ i, dueMs: due, latencyMs, lateMs, ...(error === undefined ? {} : { error }) })
      if (open.size === 0 && numSent === dueMs.length) resolve()
    }
    send(i).then(
      () => end(),
      (error: unknown) => end(error ?? new Error('internal: Rejected without a reason.')),
    )
  }
  const abort = (): void => reject(signal?.reason)
  signal?.addEventListener('abort', abort, { once: true })
  try {
    await promise
    for (const [i, { dueMs: due, lateMs }] of [...open]) {
      open.delete(i)
      const error = new UnansweredError(`No answer within ${drainMs} ms of the end.`)
      onAnswer({ i, dueMs: due, latencyMs: metronome.nowMs() - due, lateMs, error })
    }
  } finally {
    clearTimeout(drainTimer)
    signal?.removeEventListener('abort', abort)
    await metronome.stop()
  }
}

function withResolvers(): {
  readonly promise: Promise<void>
  readonly resolve: () => void
  readonly reject: (reason: unknown) => void
} {
  let resolve: () => void = () => {}
  let reject: (reason: unknown) => void = () => {}
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  return { promise, resolve, reject }
}
