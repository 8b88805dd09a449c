import { checkInteger, checkNumber } from '@perennial/core'
import { MAX_ROWS } from './encoder-room.ts'
import type { EncoderHistory, OnnxEncoder } from './onnx-encoder.ts'

/** Options of {@link createEncodeQueue}. */
export interface EncodeQueueOptions {
  /** Length of a query. */
  readonly dim: number
  /**
   * Histories encoded in one run, 1..8: a run takes about 0.2 ms for each history of 50.
   * @defaultValue 8
   */
  readonly maxBatchSize?: number | undefined
  /**
   * Longest time that a history waits for others while nothing runs, in milliseconds, 0 or more; with 0 those of one turn
   * of the event loop go together. @defaultValue 0
   */
  readonly maxWaitMs?: number | undefined
}

/** Encodes histories of concurrent requests together. */
export interface EncodeQueue {
  /** Returns one query a history, each shape `[dim]`; an empty history gives zeros. */
  encode(histories: readonly EncoderHistory[]): Promise<Float32Array[]>
  /** Histories that wait. */
  readonly length: number
  /** Runs of the network so far, and the histories that they encoded. */
  readonly numRuns: number
  readonly numEncoded: number
}

interface Waiting {
  readonly history: EncoderHistory
  readonly sinceMs: number
  readonly resolve: (query: Float32Array) => void
  readonly reject: (error: unknown) => void
}

/**
 * Creates a queue before an encoder.
 *
 * As many runs as the encoder takes at once: what comes meanwhile waits and goes together. A run begins when enough
 * histories wait, or when the first has waited long enough.
 *
 * @throws {@link RecommenderError} `INVALID_OPTION`.
 */
export function createEncodeQueue(
  encoder: Pick<OnnxEncoder, 'encode' | 'numRunsAtOnce'>,
  { dim, maxBatchSize = 8, maxWaitMs = 0 }: EncodeQueueOptions,
): EncodeQueue {
  checkInteger('maxBatchSize', maxBatchSize, 1, MAX_ROWS)
  checkNumber('maxWaitMs', maxWaitMs, 0, 1000)
  const waiting: Waiting[] = []
  let isScheduled = false
  let numRunning = 0
  let numRuns = 0
  let numEncoded = 0

  // Timers have a resolution of a millisecond, so a shorter wait is a few turns of the event loop.
  const schedule = (): void => {
    if (isScheduled || numRunning >= encoder.numRunsAtOnce || waiting.length === 0) return
    isScheduled = true
    // A thread may begin at once; on the caller's, what came in the same turn of the event loop goes together.
    if (encoder.numRunsAtOnce > 1 && maxWaitMs === 0) queueMicrotask(turn)
    else setImmediate(turn)
  }
  const turn = (): void => {
    isScheduled = false
    const [first] = waiting
    if (first === undefined) return
    const isDue = waiting.length >= maxBatchSize || performance.now() - first.sinceMs >= maxWaitMs
    if (isDue) run(waiting.splice(0, maxBatchSize))
    schedule()
  }
  const run = (batch: readonly Waiting[]): void => {
    numRunning++
    numRuns++
    numEncoded += batch.length
    const end = (): void => {
      numRunning--
      schedule()
    }
    encoder.encode(batch.map(({ history }) => history)).then(
      (queries) => {
        batch.forEach(({ resolve }, b) => {
          resolve(queries.slice(b * dim, (b + 1) * dim))
        })
        end()
      },
      (error: unknown) => {
        for (const { reject } of batch) reject(error)
        end()
      },
    )
  }

  return {
    encode: (histories) =>
      Promise.all(
        histories.map((history) => {
          if (history.itemRows.length === 0) return new Float32Array(dim)
          return new Promise<Float32Array>((resolve, reject) => {
            waiting.push({ history, sinceMs: performance.now(), resolve, reject })
            schedule()
          })
        }),
      ),
    get length() {
      return waiting.length
    },
    get numRuns() {
      return numRuns
    },
    get numEncoded() {
      return numEncoded
    },
  }
}
