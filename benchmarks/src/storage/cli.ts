import Table from 'cli-table3'
import { type Command, Option } from 'commander'
import {
  type BenchmarkArguments,
  createBenchmarkCommand,
  runBenchmarkCommand,
} from '../benchmark-command.ts'
import { enforceBudgets, readBaseline } from '../budgets/enforce-budgets.ts'
import { describeRun } from '../machine.ts'
import { measureReference } from '../reference-workload.ts'
import { measureSubjects } from '../subject.ts'
import { writeJson } from '../write-json.ts'
import { INDEX_KINDS, type IndexKind, measureIndexAlone } from './measure-index.ts'
import { measureLoadAlone } from './measure-load.ts'
import { type ArtifactStorage, measureStorage, STORAGE_METHOD } from './measure-storage.ts'

const command: Command = createBenchmarkCommand('bench:storage', {
  description:
    'measures bytes an item, event, user and artifact, recall, and how long an artifact loads',
  resultName: 'storage.json',
  users: 20_000,
})
  .addOption(
    new Option('--index <kinds...>', 'kinds of index').choices(INDEX_KINDS).default(INDEX_KINDS),
  )
  .option('--redis <url>', 'Redis server to measure histories in')
  .option('--budgets <set>', 'set of benchmarks/budgets.json to compare with', 'storage')
  .option('--no-budgets', 'do not compare')

await runBenchmarkCommand(command, async (signal) => {
  const { items, artifact, users, seed, out, index, redis, budgets } = command.opts<
    BenchmarkArguments & { index: readonly IndexKind[]; redis?: string; budgets: string | false }
  >()
  const run = describeRun()
  const onStage = (text: string): void => console.error(text)
  const baseline = budgets === false ? undefined : await readBaseline(budgets)
  const reference = measureReference()
  const options = {
    seed,
    kinds: index,
    measureOneIndex: measureIndexAlone,
    measureOneLoad: measureLoadAlone,
    redisUrl: redis,
    signal,
    onStage,
  }
  const artifacts = await measureSubjects(
    { numItems: items, artifact, numUsers: users, seed, signal, onStage },
    (subject) => measureStorage(subject, options),
  )
  for (const measured of artifacts) printStorage(measured)
  const result = { ...run, seed, method: STORAGE_METHOD, reference, artifacts }
  await writeJson(out, result, { indent: 2 })
  console.log(`Load average before the start ${run.loadAverage1m.toFixed(2)}. Wrote ${out}`)
  if (budgets !== false) await enforceBudgets(result, { set: budgets, baseline })
})

function printStorage(measured: ArtifactStorage): void {
  const { numItems, dim, artifact, item, indexes, event, user } = measured
  console.log(`\n${numItems} items, vectors of ${dim}`)
  const table = new Table({ head: ['What', 'bytes'] })
  const add = (what: string, bytes: number): void => {
    table.push([what, bytes >= 1000 ? Math.round(bytes).toLocaleString('en') : bytes.toFixed(1)])
  }
  for (const [name, bytes] of Object.entries(artifact.bytesByFile)) add(name, bytes)
  add('artifact, all files', artifact.bytes)
  add('an item in items.arrow: attributes', item.attributeFileBytesPerItem)
  add('an item in items.arrow: vector and the like', item.vectorFileBytesPerItem)
  add('an item in memory: attributes', item.attributeMemoryBytesPerItem)
  add('an event in events.arrow', event.fileBytesPerEvent)
  const whose = `a user of ${user.eventsPerUser.toFixed(1)} events`
  add(`${whose} in memory`, user.memory.bytesPerUser)
  add(`${whose} in lmdb`, user.lmdb.bytesPerUser)
  if ('skipped' in user.redis) table.push([`${whose} in redis`, `skipped: ${user.redis.skipped}`])
  else add(`${whose} in redis`, user.redis.bytesPerUser)
  add('a user answered, in the cache', user.cache.heapBytesPerUser)
  console.log(table.toString())
  printIndexes(Object.values(indexes))
  const { loadMs, readyMs, indexKind } = artifact.load
  const ready = `ready ${readyMs.toFixed(0)} ms after the start of the process`
  console.log(`Load with the index ${indexKind}: ${loadMs.toFixed(0)} ms, ${ready}`)
}

function printIndexes(indexes: readonly ArtifactStorage['indexes'][IndexKind][]): void {
  const table = new Table({
    head: ['Index', 'bytes an item', 'resident', 'recall@10', '@100', 'build ms', 'p50 ms', 'p99'],
  })
  for (const one of indexes) {
    if ('skipped' in one) {
      table.push([one.kind, { content: `skipped: ${one.skipped}`, colSpan: 7 }])
      continue
    }
    table.push([
      one.kind,
      ...[one.indexBytesPerItem, one.residentBytesPerItem].map((bytes) => bytes.toFixed(1)),
      ...[one.recallAt10, one.recallAt100].map((share) => share.toFixed(4)),
      one.buildMs.toFixed(0),
      ...[one.searchP50Ms, one.searchP99Ms].map((ms) => ms.toFixed(3)),
    ])
  }
  console.log(table.toString())
}
