import { type History, RecommenderError } from '@perennial/core'
import { MAX_ROWS, type RunSizes } from './encoder-room.ts'
import {
  createEncoderSession,
  ENCODER_NAMES,
  type EncoderInputs,
  type EncoderSession,
} from './encoder-session.ts'
import { createThreadedEncoderSession } from './threaded-encoder-session.ts'

/** What {@link createOnnxEncoder} reads. */
export interface OnnxEncoderOptions {
  /** Writes the vector of an item row, `dim` numbers, into `target` from `offset` on. */
  readonly readVector: (itemRow: number, target: Float32Array, offset: number) => void
  readonly dim: number
  /** Longest history the network takes; older events are cut off. */
  readonly maxLength: number
  /** Whether the network runs in a thread of its own instead of holding the caller's. @defaultValue false */
  readonly inThread?: boolean | undefined
}

/** What the network may see of a history: items with their times, oldest first, and the time of the question. */
export type EncoderHistory = Pick<History, 'itemRows' | 'timestampMs' | 'asOfMs'>

/** A loaded network that turns histories into query vectors. */
export interface OnnxEncoder extends Pick<EncoderSession, 'usesTimes' | 'numRunsAtOnce'> {
  /**
   * Returns one query vector a history: shape `[B, dim]`, row-major, not normalised.
   *
   * @param histories - `B` histories, each with one event or more. Times only matter to a network that uses them.
   * @throws {@link RecommenderError} `BAD_ARTIFACT` if the network yields a number that is not finite;
   * `ENGINE_UNAVAILABLE` if its thread ended.
   */
  encode(histories: readonly EncoderHistory[]): Promise<Float32Array>
  /** Frees the network. The encoder cannot be used afterwards. */
  release(): Promise<void>
}

/**
 * Creates an encoder from the bytes of `encoder.onnx`, and encodes one history of padding to prove it works.
 *
 * @throws {@link RecommenderError} `BAD_ARTIFACT` if the bytes are no network with the inputs
 * `item_vectors [B, L, dim]` and `lengths [B]`, with `event_seconds [B, L]` and `asked_seconds [B]` or without, and the
 * output `query [B, dim]`.
 */
export async function createOnnxEncoder(
  bytes: Uint8Array,
  options: OnnxEncoderOptions,
): Promise<OnnxEncoder> {
  const { dim, inThread = false } = options
  const session = await (inThread
    ? createThreadedEncoderSession(bytes, options)
    : createEncoderSession(bytes, options))

  async function encode(histories: readonly EncoderHistory[]): Promise<Float32Array> {
    const queries = new Float32Array(histories.length * dim)
    for (let start = 0; start < histories.length; start += MAX_ROWS)
      queries.set(await encodeSome(histories.slice(start, start + MAX_ROWS)), start * dim)
    return queries
  }

  async function encodeSome(histories: readonly EncoderHistory[]): Promise<Float32Array> {
    const numRows = histories.length
    const sizes = {
      numRows,
      paddedLength: Math.max(...histories.map(({ itemRows }) => usedLength(itemRows))),
    }
    const queries = await session.run(sizes, (inputs) => fillInputs(inputs, histories, sizes))
    if (queries.length !== numRows * dim || !queries.every(Number.isFinite)) {
      throw new RecommenderError(
        'BAD_ARTIFACT',
        `Expected encoder.onnx to yield ${numRows} finite queries of length ${dim}, got ${queries.length} numbers. Export the artifact again.`,
      )
    }
    return queries
  }

  function usedLength({ length }: Int32Array): number {
    return Math.min(length, options.maxLength)
  }

  function fillInputs(
    { vectors, lengths, eventSeconds, askedSeconds }: EncoderInputs,
    histories: readonly EncoderHistory[],
    { paddedLength }: RunSizes,
  ): void {
    const { usesTimes } = session
    histories.forEach(({ itemRows, timestampMs, asOfMs }, b) => {
      const used = usedLength(itemRows)
      lengths[b] = BigInt(used)
      if (usesTimes) askedSeconds[b] = toSeconds(asOfMs)
      const start = (b + 1) * paddedLength - itemRows.length
      for (let i = itemRows.length - used; i < itemRows.length; i++) {
        options.readVector(itemRows[i] as number, vectors, (start + i) * dim)
        if (usesTimes) eventSeconds[start + i] = toSeconds(timestampMs[i] as number)
      }
    })
  }

  try {
    await encode([{ itemRows: Int32Array.of(0), timestampMs: Float64Array.of(0), asOfMs: 0 }])
  } catch (cause) {
    await session.release()
    if (cause instanceof RecommenderError) throw cause
    throw new RecommenderError(
      'BAD_ARTIFACT',
      `Expected encoder.onnx to take ${ENCODER_NAMES.vectors} [B, L, ${dim}] and ${ENCODER_NAMES.lengths} [B], perhaps with ${ENCODER_NAMES.eventSeconds} [B, L] and ${ENCODER_NAMES.askedSeconds} [B], got: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    )
  }
  const { usesTimes, numRunsAtOnce } = session
  return { usesTimes, numRunsAtOnce, encode, release: () => session.release() }
}

/** Whole seconds, rounded down as in training. */
function toSeconds(timestampMs: number): bigint {
  return BigInt(Math.floor(timestampMs / 1000))
}
