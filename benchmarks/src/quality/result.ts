import type { EpochRecord, FitConfig } from '@perennial/train'
import type { Machine } from '../machine.ts'

/** What a quality run leaves behind. */
export interface QualityResult {
  readonly experiment: string
  /** Which lever is undone; `null` for the experiment as it is. */
  readonly variant: string | null
  /** What the metrics and ranks are of. */
  readonly split: 'validation' | 'test'
  readonly protocol: string
  /** Commit the code was at, with `+` when files had changed since. */
  readonly commit: string
  readonly machine: Machine
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
