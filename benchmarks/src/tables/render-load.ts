import type { LoadResult } from '../load/result.ts'
import type { PhaseTimes } from '../load/run-phases.ts'
import { circumstances, markdownTable } from './markdown.ts'

/** Returns the table of `bench:load`: a row a phase, then what was loaded, what the processes used and the reloads. */
export function renderLoad(result: LoadResult): string {
  const { http, inProcess, sizes, settings, reference } = result
  const rows = [
    ...(http === undefined ? [] : phaseRows('HTTP', http.phases)),
    ...(inProcess === undefined ? [] : phaseRows('in process', inProcess.phases)),
  ]
  const head = ['Load', 'requests', 'failed', 'p50 ms', 'p90', 'p99', 'p99.9', 'max']
  const count = (value: number): string => value.toLocaleString('en')
  const data = `${count(sizes.numItems)} items, ${count(sizes.numUsers)} users of ${sizes.eventsPerUser} events, ${count(settings.ratePerSecond)} requests a second (${settings.spacing}), ${(100 * settings.writeShare).toFixed(0)} % of them purchases, ${settings.explain ? 'with' : 'no'} reasons, histories in lmdb; each latency counts from when the request was due.`
  const used = http === undefined ? [] : [describeProcesses(http)]
  const about = `${data} Reference work ${reference.meanMs.toFixed(2)} ms. ${circumstances(result)}`
  return [markdownTable([...head, 'sent late p99'], rows), ...used, about].join('\n\n')
}

function phaseRows(name: string, phases: PhaseTimes): string[][] {
  const names = { cold: 'the first', measured: 'for' }
  return (['cold', 'measured'] as const).flatMap((phase) => {
    const times = phases[phase]
    if (times === undefined) return []
    const { p50Ms, p90Ms, p99Ms, p999Ms, maxMs } = times.all
    return [
      [
        `${name}, ${names[phase]} ${times.seconds} s`,
        times.numRequests.toLocaleString('en'),
        times.numErrors.toLocaleString('en'),
        ...[p50Ms, p90Ms, p99Ms, p999Ms, maxMs, times.lateness.p99Ms].map((ms) => ms.toFixed(2)),
      ],
    ]
  })
}

function describeProcesses({
  startMs,
  phases,
  server,
  generator,
  reloads,
}: NonNullable<LoadResult['http']>): string {
  const { seconds } = phases.measured
  const share = (cpuSeconds: number): string => `${((100 * cpuSeconds) / seconds).toFixed(0)} %`
  const sentences = [`The server was ready after ${(startMs / 1000).toFixed(2)} s.`]
  if (server.cpuSeconds !== null) {
    sentences.push(
      `It used ${share(server.cpuSeconds)} of a core, the load generator ${share(generator.cpuSeconds)}.`,
    )
  }
  if (server.memory !== null) {
    const { peakBytes, growthPercent } = server.memory
    sentences.push(
      `Its memory peaked at ${(peakBytes / 1e6).toFixed(0)} MB; what is no file grew ${growthPercent.toFixed(1)} % over the last half.`,
    )
  }
  if (reloads !== undefined) {
    const { numReloads, numFailed, numCorrupt, numCorruptTaken } = reloads
    sentences.push(
      `${numReloads} reloads meanwhile, ${numFailed} failed; ${numCorrupt - numCorruptTaken} of ${numCorrupt} corrupt artifacts were refused.`,
    )
  }
  return sentences.join(' ')
}
