import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readArtifact } from '@perennial/core'
import { createMemoryHistoryStore, openLmdbHistoryStore } from '@perennial/serve'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { LOG_END_MS } from '../generate-log.ts'
import { copyStore, fillStore, historyFolder, prepareServingData } from './prepare-serving-data.ts'

let cacheFolder = ''

beforeEach(async () => {
  cacheFolder = await mkdtemp(join(tmpdir(), 'perennial-serving-data-'))
})

afterEach(() => rm(cacheFolder, { recursive: true, force: true }))

const sizes = { numItems: 30, numUsers: 12, eventsPerUser: 7, seed: 1 }

describe('prepareServingData', () => {
  test('makes an artifact and a store once, and takes them the next time', async () => {
    const stages: string[] = []
    const options = { ...sizes, cacheFolder, onStage: (text: string) => void stages.push(text) }
    const data = await prepareServingData(options)
    expect(stages).toHaveLength(2)
    const { catalog } = await readArtifact(data.artifactFolder)
    expect(data.itemIds).toEqual(Array.from({ length: 30 }, (_, i) => catalog.idOf(i + 1)))
    expect(data.userIds).toHaveLength(12)
    expect(await prepareServingData(options)).toEqual(data)
    expect(stages).toHaveLength(2)
    expect(await readdir(cacheFolder)).toHaveLength(2)

    const folder = await copyStore(data, cacheFolder)
    const store = await openLmdbHistoryStore({ folder: historyFolder(folder) })
    try {
      expect(await store.statistics()).toMatchObject({ numUsers: 12, numEvents: 12 * 7 })
      expect((await store.read('customer-11')).events).toHaveLength(7)
    } finally {
      await store.close()
    }
  })

  test('makes a store of its own for other sizes', async () => {
    const data = await prepareServingData({ ...sizes, cacheFolder })
    const other = await prepareServingData({ ...sizes, eventsPerUser: 3, cacheFolder })
    expect(other.artifactFolder).toBe(data.artifactFolder)
    expect(other.storeFolder).not.toBe(data.storeFolder)
  })

  test('leaves nothing that looks complete when it is stopped', async () => {
    const signal = AbortSignal.abort(new Error('stopped'))
    await expect(prepareServingData({ ...sizes, cacheFolder, signal })).rejects.toThrow('stopped')
    const names = await readdir(cacheFolder)
    expect(names.filter((name) => name.startsWith('store') && !name.endsWith('.partial'))).toEqual(
      [],
    )
  })
})

describe('fillStore', () => {
  test('stores two years of known items in order of time, fixed by the seed', async () => {
    const [store, same] = [createMemoryHistoryStore(), createMemoryHistoryStore()]
    const options = { itemIds: ['tea', 'oats'], userIds: ['ann'], eventsPerUser: 20, seed: 1 }
    await fillStore(store, options)
    await fillStore(same, options)
    const { events } = await store.read('ann')
    expect(events).toHaveLength(20)
    const times = events.map(({ timestampMs }) => timestampMs)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect(Math.min(...times)).toBeGreaterThan(LOG_END_MS - 731 * 86_400_000)
    expect(Math.max(...times)).toBeLessThan(LOG_END_MS)
    expect(new Set(events.map(({ itemId }) => itemId))).toEqual(new Set(['tea', 'oats']))
    expect((await same.read('ann')).events).toEqual(events)
  })
})
