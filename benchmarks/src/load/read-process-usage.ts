import { readFile } from 'node:fs/promises'

/** What a process has used. */
export interface ProcessUsage {
  /** Time on any core, in seconds. */
  readonly cpuSeconds: number
  /** Pages in memory, of files too, in bytes. */
  readonly residentBytes: number
  /** Of those, what is no file: files that are mapped, like those of lmdb, can be dropped at any time. */
  readonly anonymousBytes: number
}

/** Clock ticks a second in `/proc`, the same on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100

/** Returns what a process has used, read from `/proc`; `undefined` where there is none, or no such process. */
export async function readProcessUsage(pid: number): Promise<ProcessUsage | undefined> {
  try {
    const [stat, status] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile(`/proc/${pid}/status`, 'utf8'),
    ])
    // The name in brackets may hold spaces; user and system time are fields 14 and 15 of all.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const kilobytes = (name: string): number =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0)
    return {
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
      residentBytes: 1024 * kilobytes('VmRSS'),
      anonymousBytes: 1024 * (kilobytes('RssAnon') + kilobytes('RssShmem')),
    }
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}
