import type { Manifest } from '@perennial/core'
import type { Machine } from '../machine.ts'

/** What the quickstart writes beside its artifact. */
export interface QuickstartSummary {
  /** What it ran on. */
  readonly title: string
  /** Seconds of the whole, without the install and the build. */
  readonly seconds: number
  readonly engine: string
  readonly epochs: number
  readonly trainingSeconds: number
  readonly metrics: Manifest['metrics']
}

/** A summary as kept in `benchmarks/results`. */
export interface QuickstartResult extends QuickstartSummary {
  readonly commit: string
  readonly machine: Machine
}
