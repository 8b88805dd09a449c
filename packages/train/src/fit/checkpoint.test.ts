import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Checkpoint, loadCheckpoint, saveCheckpoint } from './checkpoint.ts'
import { copyWeights, createModelState } from './model-state.ts'
import { createFitConfig } from './options.ts'
import { START } from './progress.ts'

const config = createFitConfig({ encoder: { dim: 3, numBlocks: 1, maxLength: 5 } }, 7)
const state = createModelState(config, 7)
const best = copyWeights(state)
// Every array differs from every other and holds what text could not.
;[
  ...Array.from(state.moments.values()).flatMap(({ mean, square }) => [mean, square]),
  state.itemMoments.mean,
  state.itemMoments.square,
  best.itemTable,
  ...Array.from(best.parameters.values(), ({ values }) => values),
].forEach((values, i) => {
  values.forEach((_, j) => {
    values[j] = Math.fround(i + 1 / (j + 3))
  })
})
const checkpoint: Checkpoint = {
  config,
  dataFingerprint: 'abc',
  progress: {
    ...START,
    epoch: 2,
    step: 9,
    lossSum: 1 / 3,
    curve: [{ epoch: 1, loss: 0.1, validationNdcg: null, seconds: 1.5, tokensPerSecond: 1e3 / 7 }],
  },
  state,
  best,
}

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perennial-checkpoint-'))
})
afterAll(() => rm(folder, { recursive: true }))

interface Header {
  readonly __metadata__: Readonly<Record<string, string>>
  readonly [name: string]: Readonly<Record<string, unknown>>
}

describe('saveCheckpoint and loadCheckpoint', () => {
  test.each([
    ['with', best],
    ['without', null],
  ])('keep everything, %s best weights', async (name, weights) => {
    const path = join(folder, name)
    await saveCheckpoint(path, { ...checkpoint, best: weights })
    const loaded = (await loadCheckpoint(path)) as Checkpoint
    expect(loaded).toMatchObject({ config, dataFingerprint: 'abc', progress: checkpoint.progress })
    expect(loaded.state).toEqual(state)
    expect(loaded.best === null ? null : copyWeights(loaded.best)).toEqual(weights)
  })

  test('keep arrays that are longer than a piece', async () => {
    const path = join(folder, 'pieces')
    const wide = createFitConfig({ encoder: { dim: 64, numBlocks: 1, maxLength: 5 } }, 66_000)
    const large = createModelState(wide, 66_000)
    const tables = [large.itemTable, large.itemMoments.mean, large.itemMoments.square]
    // One piece is 4,194,304 floats; its border and the ends are where a mistake would show.
    const marks = [0, 4_194_303, 4_194_304, 66_001 * 64 - 1]
    tables.forEach((table, t) => {
      for (const at of marks) table[at] = 10 * t + marks.indexOf(at)
    })
    await saveCheckpoint(path, { ...checkpoint, config: wide, state: large, best: null })
    const { state: loaded } = (await loadCheckpoint(path)) as Checkpoint
    const found = [loaded.itemTable, loaded.itemMoments.mean, loaded.itemMoments.square]
    found.forEach((table, t) => {
      expect(marks.map((at) => table[at])).toEqual([0, 1, 2, 3].map((mark) => 10 * t + mark))
    })
    expect(Buffer.from(loaded.itemTable.buffer).equals(Buffer.from(large.itemTable.buffer))).toBe(
      true,
    )
  })

  // Three lengths of text, so that the padding is not right by accident.
  test.each(['größe-日本', 'größe-日本x', 'größe-日本𝄞xy'])(
    'write a safetensors file whose arrays can be mapped, with %s in its header',
    async (dataFingerprint) => {
      const path = join(folder, 'header')
      await saveCheckpoint(path, { ...checkpoint, dataFingerprint })
      const file = await readFile(path)
      const headerLength = Number(file.readBigUInt64LE(0))
      expect(headerLength % 8).toBe(0)
      const { __metadata__, ...arrays } = JSON.parse(
        file.toString('utf8', 8, 8 + headerLength),
      ) as Header
      expect(JSON.parse(__metadata__.run as string)).toMatchObject({ dataFingerprint, config })
      let end = 0
      for (const { dtype, shape, data_offsets } of Object.values(arrays)) {
        const [length] = shape as [number]
        expect({ dtype, data_offsets }).toEqual({
          dtype: 'F32',
          data_offsets: [end, end + 4 * length],
        })
        end += 4 * length
      }
      expect(file.length).toBe(8 + headerLength + end)
      const [start] = (arrays['item.mean'] as Header).data_offsets as unknown as [number]
      expect(file.readFloatLE(8 + headerLength + start + 4)).toBe(state.itemMoments.mean[1])
      expect(await loadCheckpoint(path)).toMatchObject({ dataFingerprint })
    },
  )

  test('take a file that is not there for a fresh start', async () => {
    expect(await loadCheckpoint(join(folder, 'none'))).toBeUndefined()
  })

  test.each<[string, (whole: Buffer) => Uint8Array]>([
    ['empty', () => new Uint8Array()],
    ['cut within its header', (whole) => whole.subarray(0, 100)],
    ['cut by one byte', (whole) => whole.subarray(0, -1)],
    ['text', () => Buffer.from('user_id,item_id,timestamp\n')],
    [
      'of another format version',
      (whole) =>
        Buffer.from(whole.toString('latin1').replace('checkpoint-1', 'checkpoint-2'), 'latin1'),
    ],
    [
      'safetensors of another program',
      () => Buffer.concat([Buffer.from([8, 0, 0, 0, 0, 0, 0, 0]), Buffer.from('{}      ')]),
    ],
  ])('refuse a file that is %s', async (_, change) => {
    const path = join(folder, 'refused')
    await saveCheckpoint(path, checkpoint)
    await writeFile(path, change(await readFile(path)))
    await expect(loadCheckpoint(path)).rejects.toMatchObject({
      code: 'BAD_CHECKPOINT',
      message: expect.stringContaining(path),
    })
  })
})
