import { setImmediate } from 'node:timers/promises'

/**
 * Work in small steps: it yields at least every millisecond, where it may be interrupted, and
 * returns its result at the end.
 */
export type SlicedWork<T> = Generator<undefined, T, undefined>

/** Options of {@link runInSlices}. */
export interface RunInSlicesOptions {
  /** How long to work before other tasks of the event loop get their turn, in milliseconds. @defaultValue 1 */
  readonly sliceMs?: number | undefined
  /** Stops the work at its next step. @defaultValue none */
  readonly signal?: AbortSignal | undefined
}

/** Does work in slices between which the event loop goes on, so that a server answers meanwhile. */
export async function runInSlices<T>(
  work: SlicedWork<T>,
  { sliceMs = 1, signal }: RunInSlicesOptions = {},
): Promise<T> {
  let endMs = performance.now() + sliceMs
  for (;;) {
    signal?.throwIfAborted()
    const step = work.next()
    if (step.done) return step.value
    if (performance.now() < endMs) continue
    await setImmediate()
    endMs = performance.now() + sliceMs
  }
}

/** Does sliced work to its end without a pause. */
export function runAtOnce<T>(work: SlicedWork<T>): T {
  for (;;) {
    const step = work.next()
    if (step.done) return step.value
  }
}
