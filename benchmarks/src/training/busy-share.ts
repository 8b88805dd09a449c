import { cpus } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

/** Returns the share of all cores' time, `0..1`, that any process used in the next `durationMs`. */
export async function measureBusyShare(durationMs: number): Promise<number> {
  const before = readTimes()
  await sleep(durationMs)
  const after = readTimes()
  return 1 - (after.idle - before.idle) / Math.max(1, after.total - before.total)
}

function readTimes(): { readonly idle: number; readonly total: number } {
  let idle = 0
  let total = 0
  for (const { times } of cpus()) {
    idle += times.idle
    for (const ms of Object.values(times)) total += ms
  }
  return { idle, total }
}
