import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRng, DATASET_FILES, writeEventsFile, writeItemsFile } from '@perennial/core'
import { buildDataset } from '@perennial/core/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LifecycleResult } from './result.ts'
import { type LifecycleRunOptions, runLifecycle } from './run-lifecycle.ts'

const NUM_ITEMS = 30

/** Writes the data of 60 users who buy two items again and again, as `perennial-train ingest` leaves it. */
async function writeShop(folder: string): Promise<void> {
  const rng = createRng(11)
  const { userIds, sequences, currency } = buildDataset(
    Array.from({ length: 60 }, () => {
      const items = [1 + rng.nextInt(NUM_ITEMS), 1 + rng.nextInt(NUM_ITEMS)]
      return Array.from({ length: 16 }, (_, n) => [items[n % 2] as number, 6 * n + rng.nextInt(4)])
    }) as [number, number][][],
    { numItems: NUM_ITEMS },
  )
  const records = Array.from({ length: NUM_ITEMS }, (_, i) => ({ itemId: `i${i + 1}` }))
  await mkdir(folder)
  await writeEventsFile(join(folder, DATASET_FILES.events), {
    ...sequences,
    userIds,
    itemIds: ['', ...records.map(({ itemId }) => itemId)],
    eventTypeNames: ['purchase'],
    currency,
    userRows: Int32Array.from(sequences.itemRows, (_, e) => Math.floor(e / 16)),
    eventTypes: new Uint8Array(sequences.itemRows.length),
  })
  await writeItemsFile(join(folder, DATASET_FILES.items), records)
}

describe('runLifecycle', () => {
  let folder: string
  let options: LifecycleRunOptions
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lifecycle-'))
    await writeShop(join(folder, 'data'))
    options = {
      split: 'validation',
      variants: [undefined],
      seeds: [1],
      engine: 'wasm',
      numThreads: 1,
      dataFolder: join(folder, 'data'),
      horizonDays: 14,
      keysets: [],
      resultFolder: join(folder, 'results'),
      signal: new AbortController().signal,
      onStage: () => {},
    }
    await mkdir(options.resultFolder)
  })
  afterAll(() => rm(folder, { recursive: true }))

  test('writes one result a variant, which says what it is of', async () => {
    await runLifecycle('csv', options)
    const variants = ['three-cuts', 'without-scores']
    const written = await runLifecycle('csv', { ...options, variants })
    expect((await readdir(options.resultFolder)).sort()).toEqual([
      'lifecycle-csv-three-cuts.json',
      'lifecycle-csv-validation.json',
      'lifecycle-csv-without-scores.json',
    ])
    const [three] = written
    const text = await readFile(three?.path as string, 'utf8')
    const result = JSON.parse(text) as LifecycleResult
    expect(result).toMatchObject({ variant: 'three-cuts', split: 'validation', seeds: [1] })
    expect(result.settings.numTrainingCuts).toBe(3)
    expect(result.questions).toHaveLength(1)
    expect(result.questions[0]?.trainingCuts).toHaveLength(3)
    const recall = result.groups[0]?.metrics.ranker?.['recall@10'] as number
    // Two own items and a list of ten: a ranker that misses them has not learned.
    expect(recall).toBeGreaterThan(0.9)
  }, 60_000)

  test('stops at the signal and writes nothing', async () => {
    const abort = new AbortController()
    const resultFolder = join(folder, 'stopped')
    await mkdir(resultFolder)
    const running = runLifecycle('csv', {
      ...options,
      resultFolder,
      signal: abort.signal,
      onStage: (said) => {
        if (said.includes('training lists')) abort.abort(new Error('enough'))
      },
    })
    await expect(running).rejects.toThrow('enough')
    expect(await readdir(resultFolder)).toEqual([])
  }, 60_000)
})
