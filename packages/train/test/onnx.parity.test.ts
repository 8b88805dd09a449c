import {
  createEncoderConfig,
  createItemTable,
  createParameters,
  createRng,
  DAY_SECONDS,
  type EncoderConfig,
  type EncoderOptions,
  type History,
  type Parameters,
  timeBucketStarts,
  YEAR_DAYS,
} from '@perennial/core'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, test } from 'vitest'
import { createWasmEngine } from '../src/engine/wasm/wasm-engine.ts'
import { encodeOnnx } from '../src/export/encode-onnx.ts'
import { packHistories } from '../src/fit/model-scorer.ts'

const TOLERANCE = 1e-5
const NUM_ITEMS = 40
const START_MS = Date.UTC(1969, 5, 1)
const allTimes = { timeFeatures: ['gap', 'calendar'] } as const

/** Events from a second to four months apart, the first of them before 1970. */
function randomHistory(length: number, seed: number): History {
  const rng = createRng(seed)
  const itemRows = Int32Array.from({ length }, () => 1 + rng.nextInt(NUM_ITEMS))
  let now = START_MS + 0.5
  const pass = (): number => {
    now += 1000 * Math.exp(16 * rng.next())
    return now
  }
  const timestampMs = Float64Array.from(itemRows, pass)
  return { itemRows, timestampMs, quantities: new Float32Array(length).fill(1), asOfMs: pass() }
}

/** A history of one event, so many seconds before the question. */
function oneEvent(askedSeconds: number, span: number): History {
  return {
    itemRows: Int32Array.of(1),
    timestampMs: Float64Array.of(1000 * (askedSeconds - span)),
    quantities: Float32Array.of(1),
    asOfMs: 1000 * askedSeconds,
  }
}

/** Weights in which a table's neighbours differ, and no bias is 0 and no gain 1, which would hide one left out. */
function drawWeights(config: EncoderConfig): { parameters: Parameters; itemTable: Float32Array } {
  const parameters = createParameters(config, 2)
  for (const { values } of parameters.values()) {
    for (let i = 0; i < values.length; i++)
      values[i] = (values[i] as number) + 0.1 * Math.sin(i + values.length)
  }
  const { dim } = config
  const itemTable = createItemTable(NUM_ITEMS, dim, 2)
  for (let start = dim; start < itemTable.length; start += dim) {
    const row = itemTable.subarray(start, start + dim)
    const length = config.similarity === 'cosine' ? Math.hypot(...row) : 1 / 20
    for (let d = 0; d < dim; d++) row[d] = (row[d] as number) / length
  }
  return { parameters, itemTable }
}

/** Returns the query vectors of engine and ONNX file: `[B, D]` each. */
async function encodeBoth(
  config: EncoderConfig,
  batches: readonly (readonly History[])[],
): Promise<{ expected: Float32Array[]; actual: Float32Array[] }> {
  const { parameters, itemTable } = drawWeights(config)
  const engine = await createWasmEngine(config, { numThreads: 2 })
  const model = await engine.load({ parameters, itemTable })
  const session = await InferenceSession.create(encodeOnnx(parameters, config))
  const expected: Float32Array[] = []
  const actual: Float32Array[] = []
  for (const histories of batches) {
    const packed = packHistories(histories, config.maxLength)
    expected.push(await model.encode(packed))
    actual.push(await runPadded(session, packed, { itemTable, dim: config.dim }))
  }
  model.dispose()
  await engine.close()
  await session.release()
  return { expected, actual }
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length)
  return a.reduce((max, value, i) => Math.max(max, Math.abs(value - (b[i] as number))), 0)
}

describe('encodeOnnx', () => {
  test.each<EncoderOptions>([
    { dim: 16, numBlocks: 2, numHeads: 4, maxLength: 9, activation: 'gelu' },
    { dim: 12, numBlocks: 1, numHeads: 1, maxLength: 9, feedForwardDim: 12, activation: 'relu' },
    { dim: 16, numBlocks: 2, numHeads: 2, maxLength: 9, ...allTimes },
    { dim: 16, block: 'ligr', numBlocks: 2, numHeads: 4, maxLength: 9 },
    { dim: 16, block: 'ligr', maxLength: 9, timeFeatures: ['calendar'], similarity: 'cosine' },
    { dim: 16, block: 'hstu', numBlocks: 2, numHeads: 1, maxLength: 9 },
    { dim: 16, block: 'hstu', numBlocks: 3, numHeads: 4, maxLength: 12, ...allTimes },
    { dim: 12, block: 'hstu', numHeads: 2, maxLength: 9, similarity: 'cosine', temperature: 0.2 },
  ])('gives the query vectors of the trained network, padded or not: %o', async (options) => {
    const config = createEncoderConfig(options)
    const histories = [3, 1, config.maxLength, 20].map(randomHistory)
    const { expected, actual } = await encodeBoth(config, [
      histories,
      ...histories.map((history) => [history]),
    ])
    const worst = actual.map((queries, b) =>
      largestDifference(queries, expected[b] as Float32Array),
    )
    expect(Math.max(...worst)).toBeLessThan(TOLERANCE)
  })

  test.each<EncoderOptions>([
    { dim: 8, numBlocks: 1, maxLength: 2, timeFeatures: ['gap'] },
    { dim: 8, block: 'hstu', numBlocks: 1, maxLength: 2 },
  ])('puts spans at the borders of time buckets where training does: %o', async (options) => {
    const spans = [...timeBucketStarts(), 3e10].flatMap((start) => [start - 1, start])
    const histories = spans.map((span) => oneEvent(1_600_000_000, span))
    const { expected, actual } = await encodeBoth(createEncoderConfig(options), [histories])
    expect(largestDifference(actual[0] as Float32Array, expected[0] as Float32Array)).toBeLessThan(
      TOLERANCE,
    )
  })

  test('puts questions at the borders of days and seasons where training does', async () => {
    const config = createEncoderConfig({ dim: 8, maxLength: 2, timeFeatures: ['calendar'] })
    const days = Array.from({ length: 16 }, (_, i) => DAY_SECONDS * (i - 8))
    const seasons = Array.from({ length: 84 * 12 }, (_, i) =>
      Math.ceil(((i - 240) / 12) * YEAR_DAYS * DAY_SECONDS),
    )
    const questions = [...days, ...seasons].flatMap((border) => [border - 1, border])
    const histories = questions.map((seconds) => oneEvent(seconds, 60))
    const { expected, actual } = await encodeBoth(config, [histories])
    expect(largestDifference(actual[0] as Float32Array, expected[0] as Float32Array)).toBeLessThan(
      TOLERANCE,
    )
  })

  test.each<[EncoderOptions, readonly string[]]>([
    [{ block: 'ligr' }, ['item_vectors', 'lengths']],
    [{ block: 'hstu' }, ['item_vectors', 'lengths', 'event_seconds', 'asked_seconds']],
    [{ timeFeatures: ['gap'] }, ['item_vectors', 'lengths', 'event_seconds', 'asked_seconds']],
  ])('asks for times only where the network uses them: %o', async (options, names) => {
    const config = createEncoderConfig({ dim: 8, numBlocks: 1, ...options })
    const session = await InferenceSession.create(encodeOnnx(createParameters(config, 1), config))
    expect(session.inputNames).toEqual(names)
    await session.release()
  })
})

async function runPadded(
  session: InferenceSession,
  { offsets, tokens, eventSeconds, askedSeconds }: ReturnType<typeof packHistories>,
  { itemTable, dim }: { itemTable: Float32Array; dim: number },
): Promise<Float32Array> {
  const lengths = Array.from(offsets.subarray(1), (end, b) => end - (offsets[b] as number))
  const longest = Math.max(...lengths)
  const vectors = new Float32Array(lengths.length * longest * dim)
  const seconds = new BigInt64Array(lengths.length * longest)
  const asked = new BigInt64Array(lengths.length)
  lengths.forEach((length, b) => {
    for (let t = 0; t < length; t++) {
      const from = (offsets[b] as number) + t
      const to = b * longest + longest - length + t
      const row = tokens[from] as number
      vectors.set(itemTable.subarray(row * dim, (row + 1) * dim), to * dim)
      seconds[to] = BigInt(eventSeconds[from] as number)
    }
    asked[b] = BigInt(askedSeconds[(offsets[b + 1] as number) - 1] as number)
  })
  const times = {
    event_seconds: new Tensor('int64', seconds, [lengths.length, longest]),
    asked_seconds: new Tensor('int64', asked, [lengths.length]),
  }
  const output = await session.run({
    item_vectors: new Tensor('float32', vectors, [lengths.length, longest, dim]),
    lengths: new Tensor('int64', BigInt64Array.from(lengths, BigInt), [lengths.length]),
    ...(session.inputNames.includes('event_seconds') ? times : {}),
  })
  return output.query?.data as Float32Array
}
