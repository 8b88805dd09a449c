import { DAY_MS, RecommenderError } from '@perennial/core'
import { fileSize } from './byte-stream.ts'
import { type ResolvedMapping, resolveMapping } from './column-mapping.ts'
import { EventCollector } from './event-collector.ts'
import type { IngestConfig, IngestOptions, IngestProgress } from './ingest-options.ts'
import { createIsoReader } from './iso-time.ts'
import { openRowSource } from './open-row-source.ts'
import { createRowChecker } from './row-checker.ts'
import type { InputFormat, RowBatch, RowSource } from './row-source.ts'
import { resolveTimestampFormat } from './sampled-timestamps.ts'
import type { ZoneClock } from './time-zone.ts'
import { createTimestampParser } from './timestamp-parser.ts'

/** Rows from which the format of times is guessed. */
const SAMPLE_ROWS = 10_000

/** How one file was read. */
export interface ReadFile {
  readonly file: string
  readonly format: InputFormat
  readonly encoding: string | null
  readonly delimiter: string | null
  readonly timestampFormat: string
  readonly numRows: number
}

/** Everything read, before sorting. */
export interface ReadEvents {
  readonly collector: EventCollector
  /** Columns of the first file; later files have the same names. */
  readonly mapping: ResolvedMapping
  readonly files: readonly ReadFile[]
  readonly bytes: Pick<IngestProgress, 'bytesRead' | 'totalBytes'>
}

/** Options of {@link readEvents}. */
export interface ReadEventsOptions extends Pick<IngestOptions, 'inputs' | 'signal' | 'onProgress'> {
  readonly config: IngestConfig
  readonly clock?: ZoneClock | undefined
  /** Stops each file after the batch in which this many rows are reached. @defaultValue all rows */
  readonly maxRows?: number | undefined
}

/**
 * Reads and checks all input files.
 *
 * @throws {@link RecommenderError} `INVALID_INPUT` if a file cannot be read; see `openRowSource`.
 */
export async function readEvents({
  inputs,
  config,
  clock,
  maxRows = Infinity,
  signal,
  onProgress,
}: ReadEventsOptions): Promise<ReadEvents> {
  const collector = new EventCollector()
  const range = { minMs: readMinDate(config, clock), maxMs: readMaxDate(config, clock) }
  const sizes = await Promise.all(inputs.map(fileSize))
  const totalBytes = sizes.reduce((sum, size) => sum + size, 0)
  let bytesRead = 0
  const onBytes = (numBytes: number): void => {
    bytesRead += numBytes
  }
  const files: ReadFile[] = []
  let mapping: ResolvedMapping | undefined
  for (const file of inputs) {
    const source = await openRowSource(file, { ...config, signal, onBytes })
    mapping = mapFile(source, config, mapping)
    collector.startFile(file)
    const timeColumn = mapping.timestamp?.column as string
    const needed = Object.values(mapping).map(({ column }) => source.columns.indexOf(column))
    const batches = source.readBatches(needed)
    const sample = await takeSample(batches, Math.min(SAMPLE_ROWS, maxRows))
    const timestampFormat = resolveTimestampFormat(sample, {
      file,
      column: timeColumn,
      position: source.columns.indexOf(timeColumn),
      format: config.timestampFormat,
      clock,
    })
    const timestamps = createTimestampParser(timestampFormat, clock)
    const check = createRowChecker({ source, mapping, config, timestamps, ...range, collector })
    const rowsBefore = collector.numRows
    for await (const { rows, rowNumbers, broken } of chain(sample, batches)) {
      for (let i = 0; i < rows.length; i++) check(rows[i] as string[], rowNumbers[i] as number)
      for (const { reason, ...example } of broken) collector.tally.add(reason, { file, ...example })
      collector.numRows += rows.length + broken.length
      onProgress?.({ phase: 'read', bytesRead, totalBytes, numRows: collector.numRows })
      if (collector.numRows - rowsBefore >= maxRows) break
    }
    const { format, encoding, delimiter } = source
    const numRows = collector.numRows - rowsBefore
    files.push({ file, format, encoding, delimiter, timestampFormat, numRows })
  }
  return { collector, mapping: mapping as ResolvedMapping, files, bytes: { bytesRead, totalBytes } }
}

/** Later files must have the columns of the first, in any order. */
function mapFile(
  { file, columns }: RowSource,
  config: IngestConfig,
  first: ResolvedMapping | undefined,
): ResolvedMapping {
  const required = ['userId', 'itemId', 'timestamp'] as const
  if (first === undefined) {
    const { mapping, configMapping } = config
    return resolveMapping(columns, { file, mapping, config: configMapping, required })
  }
  const names = Object.fromEntries(
    Object.entries(first).map(([role, { column }]) => [role, column]),
  )
  resolveMapping(columns, { file, mapping: names, required, roles: Object.keys(first) as [] })
  return first
}

async function takeSample(batches: AsyncGenerator<RowBatch>, numRows: number): Promise<RowBatch[]> {
  const sample: RowBatch[] = []
  for (let taken = 0; taken < numRows; ) {
    const { value, done } = await batches.next()
    if (done === true) break
    sample.push(value)
    taken += value.rows.length + value.broken.length
  }
  return sample
}

async function* chain(
  sample: readonly RowBatch[],
  batches: AsyncGenerator<RowBatch>,
): AsyncGenerator<RowBatch> {
  yield* sample
  yield* batches
}

function readMinDate({ minDate }: IngestConfig, clock: ZoneClock | undefined): number {
  return readBound('minDate', minDate, clock, 0)
}

function readMaxDate({ maxDate }: IngestConfig, clock: ZoneClock | undefined): number {
  if (maxDate === undefined) return Date.now() + DAY_MS
  return readBound('maxDate', maxDate, clock, DAY_MS - 1)
}

/** @param dateMs - Added to a date without a clock time. */
function readBound(
  name: string,
  text: string,
  clock: ZoneClock | undefined,
  dateMs: number,
): number {
  const { ms, isLocal } = createIsoReader()(text)
  const localMs = text.length === 10 ? ms + dateMs : ms
  const boundMs = isLocal && clock !== undefined ? clock.toUtc(localMs) : localMs
  if (!Number.isNaN(boundMs)) return boundMs
  throw new RecommenderError(
    'INVALID_OPTION',
    `Expected \`${name}\` to be an ISO date such as 2011-12-31 that exists in the time zone, got '${text}'.`,
  )
}
