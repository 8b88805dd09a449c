import Table from 'cli-table3'
import {
  type BenchmarkArguments,
  createBenchmarkCommand,
  runBenchmarkCommand,
} from '../benchmark-command.ts'
import { describeRun } from '../machine.ts'
import { measureSubjects } from '../subject.ts'
import { writeJson } from '../write-json.ts'
import { measureHnswAlone } from './measure-hnsw.ts'
import { type ArtifactStorage, measureStorage, STORAGE_METHOD } from './measure-storage.ts'

const command = createBenchmarkCommand('bench:storage', {
  description: 'measures bytes an item, event, user and artifact, and how long an artifact loads',
  resultName: 'storage.json',
  users: 20_000,
})

await runBenchmarkCommand(command, async (signal) => {
  const { items, artifact, users, seed, out } = command.opts<BenchmarkArguments>()
  const run = describeRun()
  const onStage = (text: string): void => console.error(text)
  const artifacts = await measureSubjects(
    { numItems: items, artifact, numUsers: users, seed, signal, onStage },
    (subject) => measureStorage(subject, { measureGraph: measureHnswAlone, signal, onStage }),
  )
  for (const measured of artifacts) printStorage(measured)
  await writeJson(out, { ...run, seed, method: STORAGE_METHOD, artifacts }, { indent: 2 })
  console.log(`Load average before the start ${run.loadAverage1m.toFixed(2)}. Wrote ${out}`)
})

function printStorage({ numItems, dim, artifact, item, event, user }: ArtifactStorage): void {
  console.log(`\n${numItems} items, vectors of ${dim}`)
  const table = new Table({ head: ['What', 'bytes'] })
  const add = (what: string, bytes: number): void => {
    table.push([what, bytes >= 1000 ? Math.round(bytes).toLocaleString('en') : bytes.toFixed(1)])
  }
  for (const [name, bytes] of Object.entries(artifact.bytesByFile)) add(name, bytes)
  add('artifact, all files', artifact.bytes)
  add('an item in items.arrow: attributes', item.attributeFileBytesPerItem)
  add('an item in items.arrow: vector and the like', item.vectorFileBytesPerItem)
  add('an item in the exact index', item.exactIndexBytesPerItem)
  if ('skipped' in item.hnsw) {
    table.push(['an item in the HNSW index', `skipped: ${item.hnsw.skipped}`])
  } else {
    add('an item in the HNSW index, with its vector', item.hnsw.indexBytesPerItem)
    add('an item in the HNSW graph, resident memory', item.hnsw.residentGraphBytesPerItem)
  }
  add('an event in events.arrow', event.fileBytesPerEvent)
  add(`a user of ${user.eventsPerUser.toFixed(1)} events in memory`, user.heapBytesPerUser)
  add('an event in memory', user.heapBytesPerEvent)
  console.log(table.toString())
  console.log(`Load of the artifact: ${artifact.loadMs.toFixed(0)} ms with the exact index`)
  if ('buildSeconds' in item.hnsw) {
    console.log(`Build of the HNSW index: ${item.hnsw.buildSeconds.toFixed(1)} s`)
  }
}
