import { RecommenderError } from '@perennial/core'

const STOP_SIGNALS = ['SIGINT', 'SIGTERM'] as const

/**
 * Returns a signal that Ctrl-C and SIGTERM abort with an error of code `ABORTED`.
 *
 * @param message - What the user reads: how the work goes on.
 * @returns Call `release` when the work is done, so that the process dies of signals again.
 */
export function stopSignal(message: string): {
  readonly signal: AbortSignal
  release(): void
} {
  const abort = new AbortController()
  const stop = (): void => abort.abort(new RecommenderError('ABORTED', message))
  for (const name of STOP_SIGNALS) process.once(name, stop)
  return {
    signal: abort.signal,
    release: () => {
      for (const name of STOP_SIGNALS) process.removeListener(name, stop)
    },
  }
}
