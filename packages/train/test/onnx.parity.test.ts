import {
  createEncoderConfig,
  createItemTable,
  createParameters,
  createRng,
  type EncoderOptions,
  type History,
} from '@perennial/core'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, test } from 'vitest'
import { createEngine } from '../src/engine/create-engine.ts'
import { encodeOnnx } from '../src/export/encode-onnx.ts'
import { packHistories } from '../src/fit/model-scorer.ts'

const TOLERANCE = 1e-5
const NUM_ITEMS = 40

function randomHistory(length: number, seed: number): History {
  const rng = createRng(seed)
  const itemRows = Int32Array.from({ length }, () => 1 + rng.nextInt(NUM_ITEMS))
  const timestampMs = Float64Array.from(itemRows, (_, i) => i)
  return { itemRows, timestampMs, quantities: new Float32Array(length).fill(1), asOfMs: length }
}

describe('encodeOnnx', () => {
  test.each<EncoderOptions>([
    { dim: 16, numBlocks: 2, numHeads: 4, maxLength: 9, activation: 'gelu' },
    { dim: 12, numBlocks: 1, numHeads: 1, maxLength: 9, feedForwardDim: 12, activation: 'relu' },
  ])('gives the query vectors of the trained network, padded or not: %o', async (options) => {
    const config = createEncoderConfig(options)
    const { dim } = config
    const parameters = createParameters(config, 2)
    // Fresh biases are zero and fresh gains one, which would hide a bias or gain left out.
    for (const { values } of parameters.values()) {
      for (let i = 0; i < values.length; i++)
        values[i] = (values[i] as number) + 0.1 * Math.sin(i + values.length)
    }
    const itemTable = createItemTable(NUM_ITEMS, dim, 2).map((value) => 20 * value)
    const histories = [3, 1, config.maxLength, 20].map(randomHistory)
    const model = (await createEngine(config)).load(parameters, itemTable)
    const packed = packHistories(histories, config.maxLength)
    const expected = model.encode(packed)
    model.dispose()

    const session = await InferenceSession.create(encodeOnnx(parameters, config))
    const actual = await runPadded(session, packed, { itemTable, dim })
    expect(actual.length).toBe(expected.length)
    const worst = actual.reduce(
      (max, value, i) => Math.max(max, Math.abs(value - (expected[i] as number))),
      0,
    )
    expect(worst).toBeLessThan(TOLERANCE)
  })
})

async function runPadded(
  session: InferenceSession,
  { offsets, tokens }: ReturnType<typeof packHistories>,
  { itemTable, dim }: { itemTable: Float32Array; dim: number },
): Promise<Float32Array> {
  const lengths = Array.from(offsets.subarray(1), (end, b) => end - (offsets[b] as number))
  const longest = Math.max(...lengths)
  const vectors = new Float32Array(lengths.length * longest * dim)
  lengths.forEach((length, b) => {
    for (let t = 0; t < length; t++) {
      const row = tokens[(offsets[b] as number) + t] as number
      vectors.set(
        itemTable.subarray(row * dim, (row + 1) * dim),
        (b * longest + longest - length + t) * dim,
      )
    }
  })
  const output = await session.run({
    item_vectors: new Tensor('float32', vectors, [lengths.length, longest, dim]),
    lengths: new Tensor('int64', BigInt64Array.from(lengths, BigInt), [lengths.length]),
  })
  return output.query?.data as Float32Array
}
