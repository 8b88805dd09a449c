import Table from 'cli-table3'
import {
  type BenchmarkArguments,
  createBenchmarkCommand,
  readWhole,
  runBenchmarkCommand,
} from '../benchmark-command.ts'
import { enforceBudgets, readBaseline } from '../budgets/enforce-budgets.ts'
import { describeRun } from '../machine.ts'
import { measureReference } from '../reference-workload.ts'
import { measureSubjects } from '../subject.ts'
import { writeJson } from '../write-json.ts'
import {
  type ArtifactLatency,
  divideOperations,
  LATENCY_METHOD,
  measureLatency,
} from './measure-latency.ts'

const OPERATION_SECONDS = 1
const MAX_SECONDS_A_LOOP = 60

const command = createBenchmarkCommand('bench:latency', {
  description: 'measures encode, search, filter, blend and whole recommendations',
  resultName: 'latency.json',
  users: 5000,
})
  .option('--requests <count>', 'requests measured a loop', readWhole(1), 2000)
  .option('--warm-up <count>', 'requests before them', readWhole(0), 200)
  .option('--budgets <set>', 'set of benchmarks/budgets.json to compare with', 'latency')
  .option('--no-budgets', 'do not compare')

await runBenchmarkCommand(command, async (signal) => {
  const { items, artifact, users, seed, out, requests, warmUp, budgets } = command.opts<
    BenchmarkArguments & { requests: number; warmUp: number; budgets: string | false }
  >()
  const run = describeRun()
  const onStage = (text: string): void => console.error(text)
  const options = {
    seed,
    operationSeconds: OPERATION_SECONDS,
    numRequests: requests,
    numWarmUp: warmUp,
    maxSeconds: MAX_SECONDS_A_LOOP,
    signal,
    onStage,
  }
  const baseline = budgets === false ? undefined : await readBaseline(budgets)
  const before = measureReference()
  const measured = await measureSubjects(
    { numItems: items, artifact, numUsers: users, seed, signal, onStage },
    (subject) => measureLatency(subject, options),
  )
  const after = measureReference()
  const meanMs = (before.medianMs + after.medianMs) / 2
  const artifacts = measured.map((one) => ({
    ...one,
    inReferences: divideOperations(one, meanMs),
  }))
  for (const one of artifacts) printLatency(one)
  console.log(`Requests are a ${LATENCY_METHOD.requests}.`)
  const reference = { before, after, meanMs }
  const result = { ...run, seed, method: LATENCY_METHOD, reference, artifacts }
  await writeJson(out, result, { indent: 2 })
  console.log(`Load average before the start ${run.loadAverage1m.toFixed(2)}. Wrote ${out}`)
  if (budgets !== false) await enforceBudgets(result, { set: budgets, baseline })
})

function printLatency(measured: ArtifactLatency): void {
  const { numItems, numUsers, index } = measured
  console.log(`\n${numItems} items, ${numUsers} users`)
  const operations = new Table({ head: ['Operation', 'median, microseconds', 'mean', '+- %'] })
  for (const one of measured.operations) {
    operations.push(
      'skipped' in one
        ? [one.name, { content: `skipped: ${one.skipped}`, colSpan: 3 }]
        : [
            one.name,
            ...[one.medianMicros, one.meanMicros, one.marginPercent].map((n) => n.toFixed(1)),
          ],
    )
  }
  console.log(operations.toString())
  const requests = new Table({
    head: ['Whole recommendation', 'p50 ms', 'p90 ms', 'p99 ms', 'p99.9 ms', 'max ms', 'requests'],
  })
  for (const { transport, reasons, numRequests, ...times } of measured.requests) {
    const figures = [times.p50Ms, times.p90Ms, times.p99Ms, times.p999Ms, times.maxMs]
    requests.push([
      `${transport}, ${reasons ? 'with' : 'no'} reasons`,
      ...figures.map((ms) => ms.toFixed(2)),
      numRequests,
    ])
  }
  console.log(requests.toString())
  console.log(`Index: ${index.kind}`)
}
