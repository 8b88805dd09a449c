import { type History, RecommenderError } from '@perennial/core'
import { InferenceSession, Tensor } from 'onnxruntime-node'

/** Input and output names of `encoder.onnx`. */
const NAMES = {
  vectors: 'item_vectors',
  lengths: 'lengths',
  eventSeconds: 'event_seconds',
  askedSeconds: 'asked_seconds',
  query: 'query',
} as const

/** What {@link createOnnxEncoder} reads. */
export interface OnnxEncoderOptions {
  /** Item vectors: shape `[numItems + 1, dim]`, row-major. Not copied. */
  readonly vectors: Float32Array
  readonly dim: number
  /** Longest history the network takes; older events are cut off. */
  readonly maxLength: number
}

/** What the network may see of a history: items with their times, oldest first, and the time of the question. */
export type EncoderHistory = Pick<History, 'itemRows' | 'timestampMs' | 'asOfMs'>

/** A loaded network that turns histories into query vectors. */
export interface OnnxEncoder {
  /**
   * Returns one query vector a history: shape `[B, dim]`, row-major, not normalised.
   *
   * @param histories - `B` histories, each with one event or more. Times only matter to a network that uses them.
   * @throws {@link RecommenderError} `BAD_ARTIFACT` if the network yields a number that is not finite.
   */
  encode(histories: readonly EncoderHistory[]): Promise<Float32Array>
  /** Frees the network. The encoder cannot be used afterwards. */
  release(): Promise<void>
}

/**
 * Creates an encoder from the bytes of `encoder.onnx`, and encodes one history of padding to prove it works.
 *
 * Runs on the CPU with one thread a call, so that parallel requests do not contend for cores.
 *
 * @throws {@link RecommenderError} `BAD_ARTIFACT` if the bytes are no network with the inputs
 * `item_vectors [B, L, dim]` and `lengths [B]`, with `event_seconds [B, L]` and `asked_seconds [B]` or without, and the
 * output `query [B, dim]`.
 */
export async function createOnnxEncoder(
  bytes: Uint8Array,
  { vectors, dim, maxLength }: OnnxEncoderOptions,
): Promise<OnnxEncoder> {
  const session = await InferenceSession.create(bytes, {
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  }).catch((cause: unknown) => {
    throw new RecommenderError(
      'BAD_ARTIFACT',
      `Expected encoder.onnx to load, got: ${describe(cause)}`,
      { cause },
    )
  })

  const usesTimes = session.inputNames.includes(NAMES.eventSeconds)

  async function encode(histories: readonly EncoderHistory[]): Promise<Float32Array> {
    const numRows = histories.length
    const lengths = histories.map(({ itemRows }) => Math.min(itemRows.length, maxLength))
    const paddedLength = Math.max(...lengths)
    const input = new Float32Array(numRows * paddedLength * dim) // [B, L, D]
    const eventSeconds = new BigInt64Array(usesTimes ? numRows * paddedLength : 0) // [B, L]
    histories.forEach(({ itemRows, timestampMs }, b) => {
      const oldest = itemRows.length - (lengths[b] as number)
      const start = (b + 1) * paddedLength - itemRows.length
      for (let i = oldest; i < itemRows.length; i++) {
        const row = itemRows[i] as number
        input.set(vectors.subarray(row * dim, (row + 1) * dim), (start + i) * dim)
        if (usesTimes) eventSeconds[start + i] = toSeconds(timestampMs[i] as number)
      }
    })
    const feeds: Record<string, Tensor> = {
      [NAMES.vectors]: new Tensor('float32', input, [numRows, paddedLength, dim]),
      [NAMES.lengths]: new Tensor('int64', BigInt64Array.from(lengths, BigInt), [numRows]),
    }
    if (usesTimes) {
      const asked = BigInt64Array.from(histories, ({ asOfMs }) => toSeconds(asOfMs))
      feeds[NAMES.eventSeconds] = new Tensor('int64', eventSeconds, [numRows, paddedLength])
      feeds[NAMES.askedSeconds] = new Tensor('int64', asked, [numRows])
    }
    const { [NAMES.query]: query } = await session.run(feeds)
    const queries = query?.data as Float32Array | undefined
    if (queries?.length !== numRows * dim || !queries.every(Number.isFinite)) {
      throw new RecommenderError(
        'BAD_ARTIFACT',
        `Expected encoder.onnx to yield ${numRows} finite queries of length ${dim}, got dims [${query?.dims}]. Export the artifact again.`,
      )
    }
    return queries
  }

  try {
    await encode([{ itemRows: Int32Array.of(0), timestampMs: Float64Array.of(0), asOfMs: 0 }])
  } catch (cause) {
    await session.release()
    if (cause instanceof RecommenderError) throw cause
    throw new RecommenderError(
      'BAD_ARTIFACT',
      `Expected encoder.onnx to take ${NAMES.vectors} [B, L, ${dim}] and ${NAMES.lengths} [B], perhaps with ${NAMES.eventSeconds} [B, L] and ${NAMES.askedSeconds} [B], got: ${describe(cause)}`,
      { cause },
    )
  }
  return { encode, release: () => session.release() }
}

/** Whole seconds, rounded down as in training. */
function toSeconds(timestampMs: number): bigint {
  return BigInt(Math.floor(timestampMs / 1000))
}

function describe(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
