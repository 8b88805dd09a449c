import { expect, test } from 'vitest'
import type { ArtifactStorage } from '../storage/measure-storage.ts'
import { renderStorage } from './render-storage.ts'

const artifact = {
  numItems: 100_000,
  artifact: { bytes: 35.6e6, load: { loadMs: 410.4, readyMs: 700.2 } },
  item: {
    attributeFileBytesPerItem: 91.68,
    vectorFileBytesPerItem: 260.13,
    attributeMemoryBytesPerItem: 110.02,
  },
  event: { fileBytesPerEvent: 30.98 },
  user: {
    eventsPerUser: 32.77,
    memory: { bytesPerUser: 1200.4 },
    lmdb: { bytesPerUser: 900.6 },
    redis: { skipped: 'none' },
    cache: { heapBytesPerUser: 512 },
  },
  indexes: {
    'exact-int8': {
      kind: 'exact-int8',
      indexBytesPerItem: 104,
      residentBytesPerItem: 118.04,
      recallAt10: 0.99951,
      recallAt100: 0.9989,
      buildMs: 1234,
      searchP50Ms: 0.251,
      searchP99Ms: 0.444,
    },
    hnsw: { kind: 'hnsw', skipped: 'not asked for' },
  },
} as unknown as ArtifactStorage

test('renderStorage shows sizes by catalogue and the indexes that were measured', () => {
  const text = renderStorage([artifact])
  expect(text).toContain('| attributes in memory, bytes an item | 110.0 |')
  expect(text).toContain('| history in lmdb, bytes a user | 901 |')
  expect(text).toContain('| history in redis, bytes a user | - |')
  expect(text).toContain('| process start to ready, ms | 700 |')
  expect(text).toContain(
    '| exact-int8 | 100,000 | 104.0 | 118.0 | 0.9995 | 0.9989 | 1.23 | 0.25 | 0.44 |',
  )
  expect(text).toContain('Users have 32.8 events each')
  expect(text).not.toContain('hnsw')
})
