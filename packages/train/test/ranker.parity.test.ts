import {
  createEncoderConfig,
  createRng,
  createRowParameters,
  NUM_TIME_BINS,
  type RowNetworkConfig,
} from '@perennial/core'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { expect, test } from 'vitest'
import { createEngine } from '../src/engine/create-engine.ts'
import { encodeRankerOnnx } from '../src/export/encode-ranker-onnx.ts'
import { toTimeProbabilities } from '../src/ranker/fit-timing.ts'

test('ranker.onnx gives the scores and times of the trained networks', async () => {
  const featureNames = ['a', 'b', 'c', 'd', 'e']
  const config: RowNetworkConfig = { numFeatures: 5, hidden: [6, 4], numOutputs: 1, dropout: 0.1 }
  const timingConfig: RowNetworkConfig = {
    numFeatures: 3,
    hidden: [4],
    numOutputs: NUM_TIME_BINS,
    dropout: 0.1,
  }
  const members = [1, 2].map((seed) => createRowParameters(config, seed))
  const timing = {
    featureNames: ['d', 'a', 'c'],
    config: timingConfig,
    parameters: createRowParameters(timingConfig, 3),
  }
  const rng = createRng(7)
  const numRows = 300
  const features = Float32Array.from({ length: numRows * 5 }, () => rng.nextNormal())
  const picked = Float32Array.from(
    { length: numRows * 3 },
    (_, i) => features[Math.floor(i / 3) * 5 + ([3, 0, 2][i % 3] as number)] as number,
  )
  const engine = await createEngine(createEncoderConfig(), 'wasm', { numThreads: 2 })
  const scoreOf = async (
    network: Parameters<typeof engine.loadRows>[0],
    rows: Float32Array,
  ): Promise<Float32Array> => {
    const loaded = await engine.loadRows(network)
    const outputs = Float32Array.from(await loaded.score(rows))
    loaded.dispose()
    return outputs
  }
  const [first, second] = [
    await scoreOf({ config, parameters: members[0] as never }, features),
    await scoreOf({ config, parameters: members[1] as never }, features),
  ]
  const times = toTimeProbabilities(await scoreOf(timing, picked))
  await engine.close()
  const session = await InferenceSession.create(
    encodeRankerOnnx({ featureNames, config, members }, timing),
  )
  const outputs = await session.run({ features: new Tensor('float32', features, [numRows, 5]) })
  const score = outputs.score?.data as Float32Array
  const probabilities = outputs.time_probabilities?.data as Float32Array
  expect(probabilities.length).toBe(times.length)
  score.forEach((value, i) => {
    expect(Math.abs(value - ((first[i] as number) + (second[i] as number)) / 2)).toBeLessThan(1e-5)
  })
  probabilities.forEach((value, i) => {
    expect(Math.abs(value - (times[i] as number))).toBeLessThan(1e-5)
  })
})
