import { NUM_TIME_BINS, RecommenderError } from '@perennial/core'
import { InferenceSession, Tensor } from 'onnxruntime-node'

/** What the network says of rows. */
export interface RankedRows {
  /** Shape `[rows]`; higher is better. */
  readonly scores: Float32Array
  /** Shape `[rows, NUM_TIME_BINS]`: probability of each bin of the next purchase. */
  readonly timeProbabilities: Float32Array
}

/** A loaded `ranker.onnx`. */
export interface OnnxRanker {
  /**
   * Scores rows of standardised features `[rows, numFeatures]`; at least one row.
   *
   * @throws {@link RecommenderError} `BAD_ARTIFACT` if the network yields something else than numbers of the right count.
   */
  score(rows: Float32Array): Promise<RankedRows>
  /** Frees the network, which cannot be used afterwards. */
  release(): Promise<void>
}

/**
 * Loads a ranker and scores one row to prove it works.
 *
 * @throws {@link RecommenderError} `BAD_ARTIFACT` if the bytes are no network with the input `features [rows, numFeatures]`
 * and the outputs `score` and `time_probabilities`.
 */
export async function createOnnxRanker(
  bytes: Uint8Array,
  numFeatures: number,
): Promise<OnnxRanker> {
  const broken = (got: string, cause?: unknown): RecommenderError =>
    new RecommenderError(
      'BAD_ARTIFACT',
      `Expected ranker.onnx to take features [rows, ${numFeatures}] and yield score [rows, 1] and time_probabilities [rows, ${NUM_TIME_BINS}], got: ${got}. Train again.`,
      { cause },
    )
  const session = await InferenceSession.create(bytes, {
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  }).catch((cause: unknown) => {
    throw broken(describe(cause), cause)
  })
  const score = async (rows: Float32Array): Promise<RankedRows> => {
    const numRows = rows.length / numFeatures
    const { score: scores, time_probabilities: times } = await session.run({
      features: new Tensor('float32', rows, [numRows, numFeatures]),
    })
    const result = {
      scores: scores?.data as Float32Array,
      timeProbabilities: times?.data as Float32Array,
    }
    if (
      result.scores?.length !== numRows ||
      result.timeProbabilities?.length !== numRows * NUM_TIME_BINS ||
      !result.scores.every(Number.isFinite) ||
      !result.timeProbabilities.every(Number.isFinite)
    )
      throw broken(`dims [${scores?.dims}] and [${times?.dims}]`)
    return result
  }
  try {
    await score(new Float32Array(numFeatures))
  } catch (cause) {
    await session.release()
    throw cause instanceof RecommenderError ? cause : broken(describe(cause), cause)
  }
  return { score, release: () => session.release() }
}

function describe(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
