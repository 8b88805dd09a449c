import { setImmediate } from 'node:timers/promises'

/** Work after which the event loop gets its turn, in milliseconds. */
const SLICE_MS = 2

/**
 * Returns a function to call between steps of long work: it waits for a turn of the event loop when the last one is two
 * milliseconds ago, so that answers go on meanwhile.
 *
 * @param signal - Stops the work: the function then rejects with its reason.
 */
export function createPause(signal?: AbortSignal): () => Promise<void> | undefined {
  let sinceMs = performance.now()
  return () => {
    if (performance.now() - sinceMs < SLICE_MS) return undefined
    return setImmediate().then(() => {
      signal?.throwIfAborted()
      sinceMs = performance.now()
    })
  }
}
