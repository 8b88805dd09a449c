import { REPORTED_METRICS, resultRows } from '@perennial/train'
import type { ArtifactLatency } from '../latency/measure-latency.ts'
import type { LoadResult } from '../load/result.ts'
import type { RunDescription } from '../machine.ts'
import type { ActivityResult, LifecycleResult, TimingResult } from '../quality/lifecycle/result.ts'
import type { QualityResult } from '../quality/result.ts'
import type { ScaleResult } from '../scale/result.ts'
import type { ArtifactStorage } from '../storage/measure-storage.ts'
import type { TrainingResult } from '../training/result.ts'
import { circumstances, markdownTable } from './markdown.ts'
import type { QuickstartResult } from './quickstart-result.ts'
import { renderActivity } from './render-activity.ts'
import { renderLifecycle } from './render-lifecycle.ts'
import { renderLoad } from './render-load.ts'
import { renderQuality } from './render-quality.ts'
import { renderScale } from './render-scale.ts'
import { renderStorage } from './render-storage.ts'
import { renderTiming } from './render-timing.ts'
import { renderTraining } from './render-training.ts'

/** Result files by the name of their table; one that is missing leaves its table as it is. */
export interface Results {
  readonly quickstart?: QuickstartResult
  readonly quality?: readonly QualityResult[]
  readonly lifecycle?: readonly LifecycleResult[]
  readonly timing?: TimingResult
  readonly activity?: ActivityResult
  readonly ingest?: IngestResult
  readonly latency?: LatencyResult
  /** Of an artifact with a trained ranker. */
  readonly rankerLatency?: LatencyResult
  /** By name of the table. */
  readonly loads?: Readonly<Record<string, LoadResult | undefined>>
  readonly storage?: RunDescription & { readonly artifacts: readonly ArtifactStorage[] }
  /** Of a million items. */
  readonly storageMillion?: Results['storage']
  readonly training?: TrainingResult
  readonly scale?: ScaleResult
}

/** What `bench:latency` writes. */
export interface LatencyResult extends RunDescription {
  readonly artifacts: readonly ArtifactLatency[]
}

/** What `bench:ingest` writes. */
export interface IngestResult extends RunDescription {
  readonly rows: number
  readonly fileBytes: number
  readonly numKept: number
  readonly seconds: number
  readonly rowsPerSecond: number
  readonly peakRssBytes: number
}

/** Returns Markdown by table name, with the circumstances below each table. */
export function renderTables(results: Results): Map<string, string> {
  const tables = new Map<string, string>()
  const { quickstart, quality = [], lifecycle = [], ingest, latency, storage } = results
  const { rankerLatency, loads = {}, storageMillion } = results
  const { training, scale, timing, activity } = results
  if (quickstart !== undefined) tables.set('quickstart', renderQuickstart(quickstart))
  if (quality.length > 0) tables.set('quality', renderQuality(quality))
  if (lifecycle.length > 0) tables.set('lifecycle', renderLifecycle(lifecycle))
  if (activity !== undefined) tables.set('activity', renderActivity(activity))
  if (timing !== undefined) tables.set('timing', renderTiming(timing))
  if (ingest !== undefined) tables.set('ingest', renderIngest(ingest))
  if (rankerLatency !== undefined) {
    const { artifacts } = rankerLatency
    tables.set('ranker-latency', `${renderLatency(artifacts)}\n\n${circumstances(rankerLatency)}`)
  }
  if (latency !== undefined) {
    tables.set('latency', `${renderLatency(latency.artifacts)}\n\n${circumstances(latency)}`)
  }
  for (const [name, load] of Object.entries(loads)) {
    if (load !== undefined) tables.set(name, renderLoad(load))
  }
  for (const [name, sizes] of [
    ['storage', storage],
    ['storage-million', storageMillion],
  ] as const) {
    if (sizes === undefined) continue
    tables.set(name, `${renderStorage(sizes.artifacts)}\n\n${circumstances(sizes)}`)
  }
  if (training !== undefined) tables.set('training', renderTraining(training))
  if (scale !== undefined) tables.set('scale', renderScale(scale))
  return tables
}

/**
 * Returns text in which the lines between `<!-- table: name -->` and `<!-- end of table -->` are those of
 * the table of that name; a name without a table keeps its lines.
 */
export function insertTables(text: string, tables: ReadonlyMap<string, string>): string {
  return text.replace(
    /(<!-- table: ([\w-]+) -->\n)[\s\S]*?(<!-- end of table -->)/g,
    (whole, start: string, name: string, end: string) => {
      const table = tables.get(name)
      return table === undefined ? whole : `${start}\n${table}\n\n${end}`
    },
  )
}

function renderQuickstart(result: QuickstartResult): string {
  const { title, metrics, engine, epochs, trainingSeconds, seconds } = result
  const table = markdownTable(['Method', ...Object.values(REPORTED_METRICS)], metricRows(metrics))
  const trained = `${epochs} epochs in ${trainingSeconds.toFixed(0)} s of training with ${engine}`
  const whole = `${seconds.toFixed(0)} s for everything after install and build`
  return `${title}.\n\n${table}\n\n${trained}; ${whole}. ${circumstances(result)}`
}

function renderIngest({
  rows,
  fileBytes,
  seconds,
  rowsPerSecond,
  peakRssBytes,
  ...run
}: IngestResult): string {
  const cells = [
    rows.toLocaleString('en'),
    `${(fileBytes / 1e9).toFixed(2)} GB`,
    `${seconds.toFixed(0)} s`,
    rowsPerSecond.toLocaleString('en'),
    `${(peakRssBytes / 1e9).toFixed(2)} GB`,
  ]
  const table = markdownTable(['Rows', 'File', 'Time', 'Rows a second', 'Peak memory'], [cells])
  return `${table}\n\n${circumstances(run)}`
}

function renderLatency(artifacts: readonly ArtifactLatency[]): string {
  const operations = artifacts.flatMap(({ numItems, operations: measured }) =>
    measured.flatMap((one) =>
      'skipped' in one
        ? []
        : [[one.name, numItems.toLocaleString('en'), one.medianMicros.toFixed(1)]],
    ),
  )
  const requests = artifacts.flatMap(({ numItems, index, requests: measured }) =>
    measured.map((one) => [
      `${one.transport}, ${one.reasons ? 'with' : 'no'} reasons`,
      `${numItems.toLocaleString('en')} (${index.kind})`,
      ...[one.p50Ms, one.p90Ms, one.p99Ms, one.p999Ms, one.maxMs].map((ms) => ms.toFixed(2)),
    ]),
  )
  return [
    markdownTable(['Operation', 'Items', 'Median, microseconds'], operations),
    markdownTable(['Recommendation', 'Items', 'p50 ms', 'p90', 'p99', 'p99.9', 'max'], requests),
  ].join('\n\n')
}

function metricRows(metrics: QualityResult['metrics']): string[][] {
  return resultRows(
    Object.entries(metrics).map(([scorer, values]) => ({ scorer, metrics: values })),
  )
}
