import { RecommenderError } from '../errors.ts'
import type { LifecycleConfig } from '../lifecycle/lifecycle-config.ts'
import type { EncoderConfig } from '../model/config.ts'
import type { BlendConfig } from '../ranking/blend.ts'

/** Version of the artifact layout; a reader refuses any other. */
export const ARTIFACT_FORMAT_VERSION = 1

/** File names inside an artifact folder. */
export const ARTIFACT_FILES = {
  manifest: 'manifest.json',
  encoder: 'encoder.onnx',
  items: 'items.arrow',
  ranker: 'ranker.onnx',
  purchases: 'purchases.arrow',
  customers: 'customers.arrow',
  customerModels: 'customers.json',
  coBasket: 'co-basket.arrow',
  ease: 'ease.arrow',
} as const

/** `manifest.json`: what the artifact is, how it came to be, and the sha256 of every other file. */
export interface Manifest {
  readonly formatVersion: number
  /** For responses and logs: `<name>-<12 hex digits>`, the digits a hash of all that scores: every file but the report, blend and lifecycle. */
  readonly modelVersion: string
  readonly createdAt: string
  readonly encoder: EncoderConfig
  readonly blend: BlendConfig
  /** How customers are ranked beside the sequence model; absent in artifacts that hold that model alone. */
  readonly lifecycle?: LifecycleConfig | undefined
  readonly data: {
    readonly numUsers: number
    readonly numItems: number
    readonly numEvents: number
    /** No event at or after this time was trained on; ISO 8601. */
    readonly trainedUntil: string
    readonly currency: string | null
    /** Event types trained on, which histories must hold too; absent when all events are of one kind. */
    readonly eventTypes?: readonly string[] | undefined
  }
  readonly training: {
    readonly engine: string
    readonly epochs: number
    readonly seconds: number
    /** Every setting of the run, its seed among them. */
    readonly config: Readonly<Record<string, unknown>>
  }
  /** Test metrics, by scorer name then metric key. */
  readonly metrics: Readonly<Record<string, Readonly<Record<string, number>>>>
  readonly files: Readonly<Record<string, { readonly sha256: string; readonly bytes: number }>>
}

/**
 * Checks a parsed `manifest.json`.
 *
 * @throws {@link RecommenderError} `BAD_ARTIFACT` if the format version differs or a part is missing.
 */
export function checkManifest(value: unknown, path: string): Manifest {
  const manifest = value as Partial<Manifest> | null
  if (manifest?.formatVersion !== ARTIFACT_FORMAT_VERSION) {
    throw new RecommenderError(
      'BAD_ARTIFACT',
      `Expected ${path} to have formatVersion ${ARTIFACT_FORMAT_VERSION}, got ${manifest?.formatVersion}. Train again with this version.`,
    )
  }
  for (const part of ['modelVersion', 'encoder', 'blend', 'data', 'training', 'files'] as const) {
    if (manifest[part] === undefined) {
      throw new RecommenderError(
        'BAD_ARTIFACT',
        `Expected ${path} to have '${part}'; the file is incomplete.`,
      )
    }
  }
  return manifest as Manifest
}
