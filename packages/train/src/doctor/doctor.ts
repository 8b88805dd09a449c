import { existsSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { availableParallelism, freemem, totalmem } from 'node:os'
import { checkInteger } from '@perennial/core'
import { describeMemory, estimateTrainingMemory } from '../fit/estimate-memory.ts'
import { VALIDATION_USERS } from '../fit/fit-from-shards.ts'
import { createFitConfig } from '../fit/options.ts'
import { WINDOW_EVENTS } from '../fit/shards/shard-source.ts'
import { probeTensorflow, probeWasm } from './probe-engine.ts'
import { probeModule } from './probe-module.ts'

/** One line of the report. */
export interface DoctorCheck {
  readonly name: string
  readonly ok: boolean
  /** What was found, with versions and units. */
  readonly found: string
  /** What to do about it; set where `ok` is false. */
  readonly wayOut?: string
  /** Speed of float32 products, for an engine that works. */
  readonly gflops?: number
}

/** What {@link runDoctor} found. */
export interface DoctorReport {
  readonly checks: readonly DoctorCheck[]
  /** Whether this machine can train at all: Node in range and one engine that works. */
  readonly canTrain: boolean
}

/** Settings of {@link runDoctor}. */
export interface DoctorOptions {
  /**
   * Folder whose installed modules and disk are looked at.
   *
   * @defaultValue the working directory
   */
  readonly folder?: string
  /**
   * Folder of data sets.
   *
   * @defaultValue the environment's `PERENNIAL_DATA`
   */
  readonly dataFolder?: string
  /** Size of a training run whose memory is stated; events and users come on top unless they are streamed. */
  readonly training?: { readonly numItems: number; readonly dim: number } | undefined
}

const GIB = 2 ** 30
const MIN_MEMORY_BYTES = 2 * GIB
const MIN_DISK_BYTES = 2 * GIB

/**
 * Returns what works on this machine and what to do about the rest, in about two seconds.
 */
export async function runDoctor(options: DoctorOptions = {}): Promise<DoctorReport> {
  const { folder = process.cwd(), dataFolder = process.env.PERENNIAL_DATA } = options
  const node = checkNode(process.versions.node)
  // One after the other, so that neither slows what is measured of the other.
  const engines = [await probeWasm(), await probeTensorflow()]
  const modules = await Promise.all(
    ['onnxruntime-node', 'hnswlib-node'].map((name) => probeModule(name, folder)),
  )
  return {
    checks: [
      node,
      ...engines,
      ...modules,
      checkMemory(),
      ...(options.training === undefined ? [] : [checkTraining(options.training)]),
      await checkDisk(folder),
      checkDataFolder(dataFolder),
    ],
    canTrain: node.ok && engines.some(({ ok }) => ok),
  }
}

/** Returns whether a Node version is one that Perennial is tested on: 20.19 to 24. */
export function checkNode(version: string): DoctorCheck {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const ok = (major === 20 && minor >= 19) || (major > 20 && major <= 24)
  const found = `${version} on ${process.platform} ${process.arch}`
  if (ok) return { name: 'Node', ok, found }
  return { name: 'Node', ok, found, wayOut: 'install Node 20.19 to 24' }
}

function checkMemory(): DoctorCheck {
  const ok = totalmem() >= MIN_MEMORY_BYTES
  const found = `${inGib(freemem())} free of ${inGib(totalmem())}, ${availableParallelism()} cores`
  if (ok) return { name: 'memory', ok, found }
  return { name: 'memory', ok, found, wayOut: 'training wants 2 GiB or more' }
}

/** Returns whether the memory that training takes, events streamed from disk, is there. */
export function checkTraining(
  { numItems, dim }: { readonly numItems: number; readonly dim: number },
  availableBytes: number = totalmem(),
): DoctorCheck {
  checkInteger('--items', numItems, 1)
  const config = createFitConfig({ encoder: { dim } }, numItems)
  const estimate = estimateTrainingMemory(config, {
    numItems,
    windowEvents: WINDOW_EVENTS,
    numCases: VALIDATION_USERS,
  })
  const name = 'training memory'
  const what = `${numItems.toLocaleString('en')} items of dim ${dim}, events streamed`
  const found = `about ${describeMemory(estimate)} for ${what}`
  const ok = estimate.totalBytes <= availableBytes
  if (ok) return { name, ok, found }
  return { name, ok, found, wayOut: 'use a smaller dim, fewer items or a larger machine' }
}

async function checkDisk(folder: string): Promise<DoctorCheck> {
  const { bavail, bsize } = await statfs(folder)
  const ok = bavail * bsize >= MIN_DISK_BYTES
  const found = `${inGib(bavail * bsize)} free at ${folder}`
  if (ok) return { name: 'disk', ok, found }
  return { name: 'disk', ok, found, wayOut: 'make room: data sets and artifacts want 2 GiB' }
}

function checkDataFolder(folder: string | undefined): DoctorCheck {
  const name = 'data folder'
  if (!folder) {
    const found = 'PERENNIAL_DATA is not set; only the public data sets need it'
    return { name, ok: true, found }
  }
  if (existsSync(folder)) return { name, ok: true, found: folder }
  const wayOut = 'create that folder or set PERENNIAL_DATA to one that exists'
  return { name, ok: false, found: `${folder} does not exist`, wayOut }
}

function inGib(bytes: number): string {
  return `${(bytes / GIB).toFixed(1)} GiB`
}
