import type { IndexStorage, SkippedIndex } from '../storage/measure-index.ts'
import type { ArtifactStorage } from '../storage/measure-storage.ts'
import { markdownTable } from './markdown.ts'

/** Returns the tables of `bench:storage`: bytes and times by size of the catalogue, then indexes. */
export function renderStorage(artifacts: readonly ArtifactStorage[]): string {
  const figures: [string, (one: ArtifactStorage) => string][] = [
    ['artifact, MB', ({ artifact }) => (artifact.bytes / 1e6).toFixed(2)],
    [
      'items.arrow: attributes, bytes an item',
      ({ item }) => item.attributeFileBytesPerItem.toFixed(1),
    ],
    ['items.arrow: vector, bytes an item', ({ item }) => item.vectorFileBytesPerItem.toFixed(1)],
    [
      'attributes in memory, bytes an item',
      ({ item }) => item.attributeMemoryBytesPerItem.toFixed(1),
    ],
    ['events.arrow, bytes an event', ({ event }) => event.fileBytesPerEvent.toFixed(1)],
    ['history in memory, bytes a user', ({ user }) => user.memory.bytesPerUser.toFixed(0)],
    ['history in lmdb, bytes a user', ({ user }) => user.lmdb.bytesPerUser.toFixed(0)],
    [
      'history in redis, bytes a user',
      ({ user: { redis } }) => ('skipped' in redis ? '-' : redis.bytesPerUser.toFixed(0)),
    ],
    ['cache, bytes a user', ({ user }) => user.cache.heapBytesPerUser.toFixed(0)],
    ['load, ms', ({ artifact }) => artifact.load.loadMs.toFixed(0)],
    ['process start to ready, ms', ({ artifact }) => artifact.load.readyMs.toFixed(0)],
  ]
  const heads = artifacts.map(({ numItems }) => `${numItems.toLocaleString('en')} items`)
  const sizes = markdownTable(
    ['', ...heads],
    figures.map(([name, read]) => [name, ...artifacts.map(read)]),
  )
  const users = artifacts.map(({ user }) => user.eventsPerUser.toFixed(1))
  const events = `Users have ${[...new Set(users)].join(', ')} events each in the mean.`
  return [sizes, events, indexTable(artifacts)].join('\n\n')
}

function indexTable(artifacts: readonly ArtifactStorage[]): string {
  const isMeasured = (one: IndexStorage | SkippedIndex): one is IndexStorage => !('skipped' in one)
  const rows = artifacts.flatMap(({ numItems, indexes }) =>
    Object.values(indexes)
      .filter(isMeasured)
      .map((one) => [
        one.kind,
        numItems.toLocaleString('en'),
        one.indexBytesPerItem.toFixed(1),
        one.residentBytesPerItem.toFixed(1),
        one.recallAt10.toFixed(4),
        one.recallAt100.toFixed(4),
        (one.buildMs / 1000).toFixed(2),
        one.searchP50Ms.toFixed(2),
        one.searchP99Ms.toFixed(2),
      ]),
  )
  const head = ['Index', 'Items', 'bytes an item', 'resident', 'recall@10', 'recall@100', 'build s']
  return markdownTable([...head, 'search p50 ms', 'p99'], rows)
}
