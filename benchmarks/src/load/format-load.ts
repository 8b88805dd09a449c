import Table from 'cli-table3'
import type { LoadResult } from './result.ts'
import { PHASES, type PhaseTimes } from './run-phases.ts'

/** Returns a result as tables for the terminal. */
export function formatLoad({ http, inProcess, reference }: LoadResult): string {
  const head = ['Load', 'phase', 'requests', 'failed', 'p50 ms', 'p90', 'p99', 'p99.9', 'max']
  const table = new Table({ head: [...head, 'late p99'] })
  const add = (name: string, phases: PhaseTimes): void => {
    for (const phase of PHASES) {
      const times = phases[phase]
      if (times === undefined) continue
      const { p50Ms, p90Ms, p99Ms, p999Ms, maxMs } = times.all
      const figures = [p50Ms, p90Ms, p99Ms, p999Ms, maxMs, times.lateness.p99Ms]
      const counts = [times.numRequests, times.numErrors].map((count) => count.toLocaleString('en'))
      table.push([name, phase, ...counts, ...figures.map((ms) => ms.toFixed(2))])
    }
  }
  if (http !== undefined) add('HTTP', http.phases)
  if (inProcess !== undefined) add('in process', inProcess.phases)
  const lines = [table.toString()]
  const say = (line: string): void => void lines.push(line)
  if (http !== undefined) {
    const { server, generator, phases, reloads } = http
    const { seconds, errors } = phases.measured
    const share = (cpuSeconds: number): string => `${((100 * cpuSeconds) / seconds).toFixed(0)} %`
    say(`Server ready after ${(http.startMs / 1000).toFixed(2)} s.`)
    if (server.cpuSeconds !== null) {
      const used = `${share(server.cpuSeconds)} of a core by the server`
      say(`Used ${used}, ${share(generator.cpuSeconds)} by the load generator.`)
    }
    if (server.memory !== null) {
      const { peakBytes, growthPercent } = server.memory
      const growth = `anonymous memory grew ${growthPercent.toFixed(1)} % over the last half`
      say(`Server memory: peak ${(peakBytes / 1e6).toFixed(0)} MB; ${growth}.`)
    }
    if (reloads !== undefined) {
      const { numReloads, numFailed, numCorrupt, numCorruptTaken, refusal } = reloads
      say(
        `Reloads: ${numReloads}, ${numFailed} failed; ${numCorrupt} of a corrupt artifact, ${numCorruptTaken} not refused.`,
      )
      if (refusal !== null) say(`Refusal: ${refusal}`)
    }
    for (const [reason, count] of Object.entries(errors)) say(`Failed ${count} times: ${reason}`)
    if (server.stages.length > 0) say(stageTable(server.stages))
  }
  say(`Reference work: ${reference.meanMs.toFixed(3)} ms.`)
  return lines.join('\n')
}

function stageTable(stages: NonNullable<LoadResult['http']>['server']['stages']): string {
  const table = new Table({ head: ['Stage in the server', 'count', 'mean ms', 'p50', 'p99'] })
  for (const { stage, count, meanMs, p50Ms, p99Ms } of stages) {
    const figures = [meanMs, p50Ms, p99Ms].map((ms) => ms.toFixed(3))
    table.push([stage, count.toLocaleString('en'), ...figures])
  }
  return table.toString()
}
