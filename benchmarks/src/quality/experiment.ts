import type { DatasetName } from '@perennial/datasets'
import type { FitOptions } from '@perennial/train'

/** A quality experiment with the next item as target: the configuration is the experiment. */
export interface Experiment {
  /** Name on the command line and of the result file. */
  readonly name: string
  readonly dataset: DatasetName
  /** What is measured, for readers of the result. */
  readonly protocol: string
  /** Whether items of the history are left out of the ranking. */
  readonly excludeSeen: boolean
  /** Whether cases whose target is in no training event are left out. */
  readonly dropColdTargets: boolean
  readonly fit: FitOptions
  /** Settings of which one lever is undone, by name; they are compared on validation alone. */
  readonly variants: Readonly<Record<string, FitOptions>>
}

/** Returns the settings of a variant, those of the encoder merged one by one. */
export function settingsOf({ fit, variants }: Experiment, variant: string | undefined): FitOptions {
  const changes = variant === undefined ? {} : (variants[variant] ?? {})
  return { ...fit, ...changes, encoder: { ...fit.encoder, ...changes.encoder } }
}
