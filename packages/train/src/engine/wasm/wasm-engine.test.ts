import { expect, test } from 'vitest'
import { createModelState } from '../../fit/model-state.ts'
import { createFitConfig } from '../../fit/options.ts'
import type { PackedSequences } from '../engine.ts'
import { createWasmEngine } from './wasm-engine.ts'

test('score writes into one array of the model, whose values do not depend on earlier calls', async () => {
  const config = createFitConfig({ encoder: { dim: 8, numBlocks: 1, maxLength: 4 } }, 5)
  const engine = await createWasmEngine(config.encoder, { numThreads: 2 })
  const model = await engine.load(createModelState(config, 5))
  const ask = (...items: number[]): PackedSequences => ({
    offsets: Int32Array.from({ length: items.length + 1 }, (_, i) => i),
    tokens: Int32Array.from(items),
    eventSeconds: new Float64Array(items.length),
    askedSeconds: new Float64Array(items.length),
  })
  const wide = await model.score(ask(1, 2, 3))
  const first = Array.from(wide)
  expect(first.length).toBe(3 * 6)
  const narrow = await model.score(ask(3))
  expect(narrow.buffer).toBe(wide.buffer)
  expect(Array.from(narrow)).toEqual(first.slice(12))
  expect(Array.from(await model.score(ask(1, 2, 3)))).toEqual(first)
  model.dispose()
  await engine.close()
})
