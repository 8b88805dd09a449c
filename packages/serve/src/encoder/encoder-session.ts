import { RecommenderError } from '@perennial/core'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import type { EncoderSizes, RunSizes } from './encoder-room.ts'

/** Input and output names of `encoder.onnx`. */
export const ENCODER_NAMES = {
  vectors: 'item_vectors',
  lengths: 'lengths',
  eventSeconds: 'event_seconds',
  askedSeconds: 'asked_seconds',
  query: 'query',
} as const

/** What the network takes of `B` histories, padded on the left to `L` events. */
export interface EncoderInputs {
  /** Shape `[B, L, dim]`, row-major. */
  readonly vectors: Float32Array
  /** Shape `[B]`. */
  readonly lengths: BigInt64Array
  /** Shape `[B, L]`; empty for a network that does not use times. */
  readonly eventSeconds: BigInt64Array
  /** Shape `[B]`; empty for a network that does not use times. */
  readonly askedSeconds: BigInt64Array
}

/** A loaded network. */
export interface EncoderSession {
  /** Whether a query depends on the times of events and question. */
  readonly usesTimes: boolean
  /** Runs that may be asked for before the first is over without waiting for it: 1 where a run holds the caller. */
  readonly numRunsAtOnce: number
  /**
   * Runs the network once on inputs that `fill` writes: they are zero before, and of the given sizes.
   *
   * @returns Shape `[B, dim]`, as the network gives it: unchecked.
   */
  run(sizes: RunSizes, fill: (inputs: EncoderInputs) => void): Promise<Float32Array>
  /** Frees the network. */
  release(): Promise<void>
}

/**
 * Loads a network.
 *
 * One thread a run, so that parallel requests do not contend for cores.
 *
 * @throws {@link RecommenderError} `BAD_ARTIFACT` if the bytes are no network.
 */
export async function loadNetwork(bytes: Uint8Array): Promise<InferenceSession> {
  return InferenceSession.create(bytes, {
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  }).catch((cause: unknown) => {
    const got = cause instanceof Error ? cause.message : String(cause)
    throw new RecommenderError('BAD_ARTIFACT', `Expected encoder.onnx to load, got: ${got}`, {
      cause,
    })
  })
}

/**
 * Loads a network whose runs hold the calling thread.
 *
 * @throws {@link RecommenderError} `BAD_ARTIFACT` if the bytes are no network.
 */
export async function createEncoderSession(
  bytes: Uint8Array,
  { dim }: Pick<EncoderSizes, 'dim'>,
): Promise<EncoderSession> {
  const session = await loadNetwork(bytes)
  const hasTimes = usesTimes(session)
  return {
    usesTimes: hasTimes,
    numRunsAtOnce: 1,
    run: ({ numRows, paddedLength }, fill) => {
      const inputs = {
        vectors: new Float32Array(numRows * paddedLength * dim),
        lengths: new BigInt64Array(numRows),
        eventSeconds: new BigInt64Array(hasTimes ? numRows * paddedLength : 0),
        askedSeconds: new BigInt64Array(hasTimes ? numRows : 0),
      }
      fill(inputs)
      return runNetwork(session, inputs, { numRows, paddedLength, dim })
    },
    release: () => session.release(),
  }
}

/** Runs a network on inputs that it does not keep. */
export async function runNetwork(
  session: InferenceSession,
  { vectors, lengths, eventSeconds, askedSeconds }: EncoderInputs,
  { numRows, paddedLength, dim }: RunSizes & Pick<EncoderSizes, 'dim'>,
): Promise<Float32Array> {
  const feeds: Record<string, Tensor> = {
    [ENCODER_NAMES.vectors]: new Tensor('float32', vectors, [numRows, paddedLength, dim]),
    [ENCODER_NAMES.lengths]: new Tensor('int64', lengths, [numRows]),
  }
  if (usesTimes(session)) {
    const places = [numRows, paddedLength]
    feeds[ENCODER_NAMES.eventSeconds] = new Tensor('int64', eventSeconds, places)
    feeds[ENCODER_NAMES.askedSeconds] = new Tensor('int64', askedSeconds, [numRows])
  }
  const { [ENCODER_NAMES.query]: query } = await session.run(feeds)
  return query === undefined ? new Float32Array(0) : (query.data as Float32Array)
}

/** Returns whether a network takes the times of events and question. */
export function usesTimes({ inputNames }: InferenceSession): boolean {
  return inputNames.includes(ENCODER_NAMES.eventSeconds)
}
