import { RecommenderError } from '@perennial/core'
import { InferenceSession, Tensor } from 'onnxruntime-node'

/** Input and output names of `encoder.onnx`. */
const NAMES = { vectors: 'item_vectors', lengths: 'lengths', query: 'query' } as const

/** What {@link createOnnxEncoder} reads. */
export interface OnnxEncoderOptions {
  /** Item vectors: shape `[numItems + 1, dim]`, row-major. Not copied. */
  readonly vectors: Float32Array
  readonly dim: number
  /** Longest history the network takes; older events are cut off. */
  readonly maxLength: number
}

/** A loaded network that turns histories into query vectors. */
export interface OnnxEncoder {
  /**
   * Returns one query vector a history: shape `[B, dim]`, row-major, not normalised.
   *
   * @param histories - `B` lists of item rows, oldest first, each with one event or more.
   * @throws {@link RecommenderError} `BAD_ARTIFACT` if the network yields a number that is not finite.
   */
  encode(histories: readonly Int32Array[]): Promise<Float32Array>
  /** Frees the network. The encoder cannot be used afterwards. */
  release(): Promise<void>
}

/**
 * Creates an encoder from the bytes of `encoder.onnx`, and encodes one history of padding to prove it works.
 *
 * Runs on the CPU with one thread a call, so that parallel requests do not contend for cores.
 *
 * @throws {@link RecommenderError} `BAD_ARTIFACT` if the bytes are no network with the inputs
 * `item_vectors [B, L, dim]` and `lengths [B]` and the output `query [B, dim]`.
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

  async function encode(histories: readonly Int32Array[]): Promise<Float32Array> {
    const numRows = histories.length
    const lengths = histories.map((rows) => Math.min(rows.length, maxLength))
    const paddedLength = Math.max(...lengths)
    const input = new Float32Array(numRows * paddedLength * dim) // [B, L, D]
    histories.forEach((rows, b) => {
      const recent = rows.subarray(rows.length - (lengths[b] as number))
      const start = (b + 1) * paddedLength - recent.length
      recent.forEach((row, i) => {
        input.set(vectors.subarray(row * dim, (row + 1) * dim), (start + i) * dim)
      })
    })
    const { [NAMES.query]: query } = await session.run({
      [NAMES.vectors]: new Tensor('float32', input, [numRows, paddedLength, dim]),
      [NAMES.lengths]: new Tensor('int64', BigInt64Array.from(lengths, BigInt), [numRows]),
    })
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
    await encode([Int32Array.of(0)])
  } catch (cause) {
    await session.release()
    if (cause instanceof RecommenderError) throw cause
    throw new RecommenderError(
      'BAD_ARTIFACT',
      `Expected encoder.onnx to take ${NAMES.vectors} [B, L, ${dim}] and ${NAMES.lengths} [B], got: ${describe(cause)}`,
      { cause },
    )
  }
  return { encode, release: () => session.release() }
}

function describe(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
