import type { ResolvedMapping } from './column-mapping.ts'
import { type IngestOptions, resolveIngestOptions } from './ingest-options.ts'
import { type ReadFile, readEvents } from './read-events.ts'
import type { DroppedRows } from './row-tally.ts'
import { createZoneClock } from './time-zone.ts'

const PREVIEW_ROWS = 1000
const SAMPLE_EVENTS = 3

/** An event as ingest understands it. */
export interface SampleEvent {
  readonly userId: string
  readonly itemId: string
  /** ISO 8601, UTC. */
  readonly time: string
  readonly quantity: number
  /** NaN when unknown. */
  readonly price: number
  readonly eventType: string
}

/** What ingest would do, seen from the first rows. */
export interface IngestPreview {
  readonly mapping: ResolvedMapping
  readonly files: readonly ReadFile[]
  readonly numRows: number
  /** The first three events. */
  readonly events: readonly SampleEvent[]
  readonly dropped: readonly DroppedRows[]
}

/**
 * Reads about the first 1,000 rows of each file and writes nothing. Duplicates are not looked for.
 *
 * @throws {@link RecommenderError} as `ingest` does, but for `TOO_MANY_BAD_ROWS`.
 */
export async function previewIngest(
  options: Omit<IngestOptions, 'output' | 'onProgress'>,
): Promise<IngestPreview> {
  const config = await resolveIngestOptions({ ...options, output: '' })
  const clock = config.timeZone === undefined ? undefined : createZoneClock(config.timeZone)
  const { inputs, signal } = options
  const read = await readEvents({ inputs, config, clock, signal, maxRows: PREVIEW_ROWS })
  const { log, users, items, eventTypes, numRows, tally } = read.collector
  const events = Array.from({ length: Math.min(SAMPLE_EVENTS, log.length) }, (_, i) => ({
    userId: users.ids[log.at('userRow', i)] as string,
    itemId: items.ids[log.at('itemRow', i)] as string,
    time: new Date(log.at('timestampMs', i)).toISOString(),
    quantity: log.at('quantity', i),
    price: Number(log.at('price', i).toPrecision(7)),
    eventType: eventTypes.ids[log.at('eventType', i)] as string,
  }))
  const { mapping, files } = read
  return { mapping, files, numRows, events, dropped: tally.summarize(numRows) }
}
