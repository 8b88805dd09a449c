import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { cpus, totalmem } from 'node:os'
import { replaceFile } from '@perennial/core'
import type { EpochRecord, FitConfig } from '@perennial/train'

/** What a quality run leaves behind. */
export interface QualityResult {
  readonly experiment: string
  readonly protocol: string
  /** Commit the code was at, with `+` when files had changed since. */
  readonly commit: string
  readonly machine: { readonly cpu: string; readonly cores: number; readonly memoryGb: number; readonly node: string }
  readonly engine: string
  readonly datasetFiles: readonly { readonly name: string; readonly sha256: string }[]
  readonly config: FitConfig
  readonly bestEpoch: number
  readonly trainingSeconds: number
  readonly curve: readonly EpochRecord[]
  /** By scorer, then metric. */
  readonly metrics: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** By scorer: the 1-based rank of each case's target within the exported list, 0 when it is not there. */
  readonly ranks: Readonly<Record<string, readonly number[]>>
}

/** The exported lists of a run, beside the result. */
export interface ExportedLists {
  readonly scorer: string
  /** External user ids, one a list. */
  readonly userIds: readonly string[]
  /** Recommended external item ids, best first. */
  readonly lists: readonly (readonly string[])[]
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
export function describeMachine(): QualityResult['machine'] {
  const processors = cpus()
  return {
    cpu: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  }
}

/** Writes a value as JSON and replaces `path`. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  await replaceFile(path, (temporary) => writeFile(temporary, `${JSON.stringify(value)}\n`))
}
