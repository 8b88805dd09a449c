import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { cpus, loadavg, totalmem } from 'node:os'

/** What a reader must know of the machine to judge a time. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGb: number
  readonly node: string
}

/** Where and when a result was measured, and on what. */
export interface RunDescription {
  /** Commit the code was at, with `+` when files had changed since. */
  readonly commit: string
  readonly startedAt: string
  readonly machine: Machine
  /** Processes that wanted a core in the minute before the start; others than the benchmark slow it down. */
  readonly loadAverage1m: number
  /** Versions of the libraries that the figures depend on. */
  readonly versions: Readonly<Record<string, string>>
}

/** Packages of `@perennial/serve` and `@perennial/core` that decide speed and size. */
const MEASURED_LIBRARIES = {
  core: ['apache-arrow'],
  serve: ['onnxruntime-node', 'hnswlib-node', 'fastify'],
} as const

/** Returns what is written above every result; called before the first measurement. */
export function describeRun(): RunDescription {
  return {
    commit: currentCommit(),
    startedAt: new Date().toISOString(),
    machine: describeMachine(),
    loadAverage1m: loadavg()[0] as number,
    versions: readVersions(),
  }
}

/** Returns the commit that the working tree is at. */
export function currentCommit(): string {
  const git = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim()
  try {
    return git('rev-parse', '--short=12', 'HEAD') + (git('status', '--porcelain') === '' ? '' : '+')
  } catch {
    // A copy without its history can be measured too.
    return 'unknown'
  }
}

/** Returns what a reader must know of the machine to judge seconds. */
export function describeMachine(): Machine {
  const processors = cpus()
  return {
    cpu: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  }
}

function readVersions(): Record<string, string> {
  const versions: Record<string, string> = {}
  for (const [place, names] of Object.entries(MEASURED_LIBRARIES)) {
    const owner = new URL(`../../packages/${place}/package.json`, import.meta.url)
    for (const name of names) versions[name] = readVersion(name, owner)
  }
  return versions
}

/** Looks in the folders themselves, since a package may hide its package.json from `require`. */
function readVersion(name: string, owner: URL): string {
  for (const folder of createRequire(owner).resolve.paths(name) ?? []) {
    try {
      return JSON.parse(readFileSync(`${folder}/${name}/package.json`, 'utf8')).version
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
  return 'not installed'
}
