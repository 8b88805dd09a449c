import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { replaceFile } from '@perennial/core'
import { currentCommit, describeMachine } from '../machine.ts'
import type { LifecycleResult } from '../quality/lifecycle/result.ts'
import type { QualityResult } from '../quality/result.ts'
import { writeJson } from '../write-json.ts'
import type { QuickstartResult, QuickstartSummary } from './quickstart-result.ts'
import { insertTables, type Results, renderTables } from './render-tables.ts'

/** Writes the tables of the documents from the result files, and keeps the newest quickstart among them. */
const root = fileURLToPath(new URL('../../..', import.meta.url))
const folder = join(root, 'benchmarks', 'results')

const summary = await readJson<QuickstartSummary>(
  join(root, '.perennial', 'quickstart', 'result.json'),
)
const kept = await readJson<QuickstartResult>(join(folder, 'quickstart.json'))
// A summary that is kept already belongs to the commit it was measured at, not to today's.
if (summary !== undefined && summary.seconds !== kept?.seconds) {
  const result: QuickstartResult = {
    ...summary,
    commit: currentCommit(),
    machine: describeMachine(),
  }
  await writeJson(join(folder, 'quickstart.json'), result, { indent: 2 })
}
const qualityFolder = join(folder, 'quality')
const names = (await readdir(qualityFolder).catch(() => [])).filter((name) =>
  name.endsWith('.json'),
)
names.sort()
const isLifecycle = (name: string): boolean => name.startsWith('lifecycle-')
const TIMING = 'timing-online-retail-ii.json'
const ACTIVITY = 'activity-online-retail-ii.json'
const results = {
  quickstart: await readJson(join(folder, 'quickstart.json')),
  quality: await readAll<QualityResult>(
    names.filter((name) => !isLifecycle(name) && ![TIMING, ACTIVITY].includes(name)),
  ),
  lifecycle: await readAll<LifecycleResult>(names.filter(isLifecycle)),
  timing: await readJson(join(qualityFolder, TIMING)),
  activity: await readJson(join(qualityFolder, ACTIVITY)),
  ingest: await readJson(join(folder, 'ingest.json')),
  latency: await readJson(join(folder, 'latency.json')),
  rankerLatency: await readJson(join(folder, 'latency-ranker.json')),
  loads: {
    load: await readJson(join(folder, 'load.json')),
    'load-million': await readJson(join(folder, 'load-million.json')),
    'load-reload': await readJson(join(folder, 'load-reload.json')),
  },
  storage: await readJson(join(folder, 'storage.json')),
  storageMillion: await readJson(join(folder, 'storage-million.json')),
  training: await readJson(join(folder, 'training.json')),
  scale: await readJson(join(folder, 'scale.json')),
} as Results
const tables = renderTables(results)
for (const name of ['README.md', join('docs', 'benchmarks.md')]) {
  const path = join(root, name)
  const text = insertTables(await readFile(path, 'utf8'), tables)
  await replaceFile(path, (temporary) => writeFile(temporary, text))
}
console.log(`Wrote the tables ${[...tables.keys()].join(', ')}.`)

async function readAll<T>(files: readonly string[]): Promise<(T | undefined)[]> {
  return Promise.all(files.map((name) => readJson<T>(join(qualityFolder, name))))
}

async function readJson<T>(path: string): Promise<T | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  return text === undefined ? undefined : (JSON.parse(text) as T)
}
