import { createEncoderConfig, type History, historyOf } from '@perennial/core'
import { hasDataset, loadDataset } from '@perennial/datasets'
import { createEngine, encodeOnnx, fit, packHistories } from '@perennial/train'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { expect, test } from 'vitest'

const name = 'movielens-100k'
const isHere = await hasDataset(name)
if (!isHere) console.warn(`Left out: ${name} is not in the data folder (PERENNIAL_DATA).`)

test.skipIf(!isHere)(
  'encoder.onnx gives the query vectors of the trained network on real histories',
  async () => {
    const dataset = await loadDataset(name)
    const { sequences } = dataset
    const encoder = createEncoderConfig({ dim: 32, numBlocks: 2, numHeads: 2, maxLength: 50 })
    const trainEnds = sequences.offsets.slice(1)
    const { weights } = await fit(
      dataset,
      { trainEnds, validation: [] },
      {
        encoder,
        maxEpochs: 1,
        batchSize: 64,
        runtime: { createEngine: (config) => createEngine(config) },
      },
    )
    const histories: History[] = Array.from({ length: 200 }, (_, u) =>
      historyOf(sequences, u, sequences.offsets[u + 1] as number, 0),
    )
    const packed = packHistories(histories, encoder.maxLength)
    const engine = await createEngine(encoder)
    const model = await engine.load(weights)
    const expected = await model.encode(packed)
    model.dispose()
    await engine.close()
    const session = await InferenceSession.create(encodeOnnx(weights.parameters, encoder))
    let worst = 0
    for (let b = 0; b < histories.length; b++) {
      const rows = packed.tokens.subarray(packed.offsets[b], packed.offsets[b + 1])
      const vectors = new Float32Array(rows.length * encoder.dim)
      rows.forEach((row, t) => {
        vectors.set(
          weights.itemTable.subarray(row * encoder.dim, (row + 1) * encoder.dim),
          t * encoder.dim,
        )
      })
      const { query } = await session.run({
        item_vectors: new Tensor('float32', vectors, [1, rows.length, encoder.dim]),
        lengths: new Tensor('int64', BigInt64Array.of(BigInt(rows.length)), [1]),
      })
      const actual = query?.data as Float32Array
      actual.forEach((value, d) => {
        worst = Math.max(worst, Math.abs(value - (expected[b * encoder.dim + d] as number)))
      })
    }
    expect(worst).toBeLessThan(1e-5)
  },
)
