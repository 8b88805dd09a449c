import { Worker } from 'node:worker_threads'

/** Places in the state that the two threads share. */
const STOP = 0
const NUM_DUE = 1
const CALLED = 2

/**
 * What the thread runs. It is text because a thread cannot run a file of TypeScript, and tests run before
 * anything is built.
 *
 * Timers of Node have whole milliseconds; `Atomics.wait` wakes within a tenth of one and leaves the core free.
 */
const THREAD_SOURCE = `
const { parentPort, workerData } = require('node:worker_threads')
const { dueMs, startNanos, state, STOP, NUM_DUE, CALLED } = workerData
function beat() {
  for (let i = 0; i < dueMs.length; i++) {
    const dueNanos = startNanos + BigInt(Math.round(dueMs[i] * 1e6))
    for (;;) {
      const leftMs = Number(dueNanos - process.hrtime.bigint()) / 1e6
      if (leftMs <= 0) break
      if (Atomics.wait(state, STOP, 0, leftMs) !== 'timed-out') return
    }
    Atomics.store(state, NUM_DUE, i + 1)
    if (Atomics.exchange(state, CALLED, 1) === 0) parentPort.postMessage(null)
  }
}
beat()
`

/** A thread that calls at the times it was given. */
export interface Metronome {
  /** Returns the time since the start in milliseconds; negative before it. */
  nowMs(): number
  /** Ends the thread; stopping twice is no error. */
  stop(): Promise<void>
}

/** Options of {@link startMetronome}. */
export interface MetronomeOptions {
  /** Told how many of the times have come; several at once when this thread was busy. */
  readonly onDue: (numDue: number) => void
  /** Told when the thread ended with an error. */
  readonly onError: (error: Error) => void
  /** From now to time 0, for the thread to be there. @defaultValue 100 */
  readonly leadMs?: number | undefined
}

/**
 * Starts a thread that tells when each of `dueMs` has come, late by about 0.1 ms.
 *
 * @param dueMs - Milliseconds from the start, ascending.
 */
export function startMetronome(
  dueMs: Float64Array,
  { onDue, onError, leadMs = 100 }: MetronomeOptions,
): Metronome {
  const state = new Int32Array(new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT))
  const startNanos = process.hrtime.bigint() + BigInt(Math.round(leadMs * 1e6))
  const thread = new Worker(THREAD_SOURCE, {
    eval: true,
    workerData: { dueMs, startNanos, state, STOP, NUM_DUE, CALLED },
  })
  thread.on('message', () => {
    // Cleared before the count is read, or a time that comes in between would call nobody.
    Atomics.store(state, CALLED, 0)
    onDue(Atomics.load(state, NUM_DUE))
  })
  thread.once('error', onError)
  return {
    nowMs: () => Number(process.hrtime.bigint() - startNanos) / 1e6,
    async stop() {
      Atomics.store(state, STOP, 1)
      Atomics.notify(state, STOP)
      await thread.terminate()
    },
  }
}
