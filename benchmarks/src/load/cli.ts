import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { runBenchmarkCommand } from '../benchmark-command.ts'
import { enforceBudgets, readBaseline } from '../budgets/enforce-budgets.ts'
import { describeRun } from '../machine.ts'
import { measureReference } from '../reference-workload.ts'
import { writeJson } from '../write-json.ts'
import { formatLoad } from './format-load.ts'
import { measureHttp } from './measure-http.ts'
import { measureInProcess } from './measure-in-process.ts'
import { prepareServingData } from './prepare-serving-data.ts'
import { addLoadOptions, readLoadRun } from './read-load-run.ts'
import { divideByReference, LOAD_METHOD, type LoadResult, type MeasuredLoads } from './result.ts'

/** Puts an open loop of requests on a server and on a recommender in process, and compares with budgets. */
const CACHE_FOLDER = fileURLToPath(new URL('../../../.perennial/bench/', import.meta.url))

const command = addLoadOptions(
  new Command('bench:load').description(
    'puts recommendations and purchases on the server at a fixed rate and measures each from the time it was due',
  ),
)

await runBenchmarkCommand(command, async (signal) => {
  const { sizes, settings, transports, artifact, budgets, out } = readLoadRun(command)
  const cacheFolder = CACHE_FOLDER
  await mkdir(cacheFolder, { recursive: true })
  const onStage = (text: string): void => console.error(text)
  const baseline = budgets === undefined ? undefined : await readBaseline(budgets)
  const data = await prepareServingData({ ...sizes, cacheFolder, artifact, signal, onStage })
  const run = describeRun()
  const options = { settings, cacheFolder, signal, onStage }
  const before = measureReference()
  const loads: MeasuredLoads = {
    ...(transports.includes('http') ? { http: await measureHttp(data, options) } : {}),
    ...(transports.includes('in-process')
      ? { inProcess: await measureInProcess(data, options) }
      : {}),
  }
  const after = measureReference()
  const meanMs = (before.medianMs + after.medianMs) / 2
  const result: LoadResult = {
    ...run,
    sizes,
    settings,
    method: LOAD_METHOD,
    reference: { before, after, meanMs },
    ...loads,
    inReferences: divideByReference(loads, meanMs),
  }
  await writeJson(out, result, { indent: 2 })
  console.log(formatLoad(result))
  console.log(`Load average before the start ${run.loadAverage1m.toFixed(2)}. Wrote ${out}`)
  if (budgets !== undefined) await enforceBudgets(result, { set: budgets, baseline })
})
