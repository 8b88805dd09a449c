import { open } from 'node:fs/promises'
import {
  type AsyncRecordBatchFileReader,
  type Data,
  type Int32,
  type RecordBatch,
  RecordBatchReader,
  type Vector,
} from 'apache-arrow'
import { EVENT_COLUMNS } from '../data/columns.ts'
import { RecommenderError } from '../errors.ts'
import { readTimestamps } from './arrow-columns.ts'

/** Events of one record batch as columns, sorted as the file is: by user row, then time. */
export interface EventBatch {
  readonly userRows: Int32Array
  readonly itemRows: Int32Array
  /** Milliseconds since 1970-01-01 UTC. */
  readonly timestampMs: Float64Array
  /** Positions in `eventTypeNames`. */
  readonly eventTypes: Int32Array
}

/** An open events file that is read one record batch at a time. */
export interface EventBatches {
  readonly path: string
  readonly numBatches: number
  readonly numUsers: number
  /** Returns external item ids by item row; row 0 is padding and holds `''`. */
  itemIds(): string[]
  readonly eventTypeNames: readonly string[]
  /**
   * Reads one record batch; the caller owns it. Calls may overlap and are answered in turn.
   *
   * @throws {@link RecommenderError} `INVALID_EVENTS` if the batch cannot be read.
   */
  read(index: number): Promise<EventBatch>
  /** Closes the file; later reads fail. */
  close(): Promise<void>
}

/**
 * Opens a file written by `writeEventsFile` or `writeEventBatches`.
 *
 * Only footer and ids are read; each batch then comes from its place in the file, so memory does not grow with the
 * number of events, and the file may be of any size.
 *
 * @throws {@link RecommenderError} `INVALID_EVENTS` if the file is not an Arrow IPC file or lacks a column.
 */
export async function openEventBatches(path: string): Promise<EventBatches> {
  const file = await open(path)
  try {
    const reader = await openReader(file, path)
    const { userId, itemId, eventType } = EVENT_COLUMNS
    const names = reader.schema.fields.map(({ name }) => name)
    for (const name of [userId, itemId, eventType, EVENT_COLUMNS.timestamp]) {
      if (names.includes(name)) continue
      throw new RecommenderError(
        'INVALID_EVENTS',
        `Expected ${path} to have a column '${name}', got: ${names.join(', ')}.`,
      )
    }
    const idsOf = (name: string): ReturnType<typeof reader.dictionaries.get> => {
      const type = reader.schema.fields.find((field) => field.name === name)?.type
      return reader.dictionaries.get((type as { id?: number } | undefined)?.id ?? -1)
    }
    const numUsers = idsOf(userId)?.length ?? 0
    // The reader seeks before it reads, so two reads must not overlap.
    let last: Promise<unknown> = Promise.resolve()
    const readOne = async (index: number): Promise<EventBatch> => {
      const batch = await reader.readRecordBatch(index).catch((cause: unknown) => {
        throw new RecommenderError(
          'INVALID_EVENTS',
          `Expected ${path} to hold a whole record batch ${index}; it cannot be read.`,
          { cause },
        )
      })
      if (batch !== null) return toEventBatch(batch)
      throw new RecommenderError(
        'INVALID_EVENTS',
        `Expected ${path} to hold record batch ${index} of ${reader.numRecordBatches}.`,
      )
    }
    return {
      path,
      numBatches: reader.numRecordBatches,
      numUsers,
      itemIds: () => toStrings(idsOf(itemId)),
      eventTypeNames: toStrings(idsOf(eventType)),
      read: (index) => {
        const batch = last.then(() => readOne(index))
        last = batch.catch(() => undefined)
        return batch
      },
      close: () => file.close(),
    }
  } catch (error) {
    await file.close()
    throw error
  }
}

async function openReader(
  file: Awaited<ReturnType<typeof open>>,
  path: string,
): Promise<AsyncRecordBatchFileReader> {
  const fail = (cause?: unknown): RecommenderError =>
    new RecommenderError(
      'INVALID_EVENTS',
      `Expected ${path} to be an Arrow IPC file; it cannot be parsed.`,
      { cause },
    )
  let reader: AsyncRecordBatchFileReader
  try {
    reader = (await RecordBatchReader.from(file)) as AsyncRecordBatchFileReader
    await reader.open({ autoDestroy: false })
  } catch (cause) {
    throw fail(cause)
  }
  if (reader.isFile()) return reader
  throw fail()
}

function toEventBatch(batch: RecordBatch): EventBatch {
  const column = (name: string): Vector => batch.getChild(name) as Vector
  const keys = (name: string): Int32Array => {
    const [{ values, length }] = column(name).data as unknown as [Data<Int32>]
    return values.subarray(0, length)
  }
  return {
    userRows: keys(EVENT_COLUMNS.userId),
    itemRows: keys(EVENT_COLUMNS.itemId),
    timestampMs: readTimestamps(column(EVENT_COLUMNS.timestamp)),
    eventTypes: keys(EVENT_COLUMNS.eventType),
  }
}

function toStrings(ids: Iterable<string | null> | undefined): string[] {
  return Array.from(ids ?? [], (id) => id ?? '')
}
