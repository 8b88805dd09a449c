import { createWriteStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import {
  AsyncByteQueue,
  Dictionary,
  Field,
  Float32,
  Int32,
  makeData,
  makeVector,
  RecordBatch,
  RecordBatchFileWriter,
  Schema,
  Struct,
  type Table,
  TimestampMillisecond,
  tableFromIPC,
  Utf8,
  type Vector,
} from 'apache-arrow'
import { EVENT_COLUMNS } from '../data/columns.ts'
import type { EventTable } from '../data/event-table.ts'
import { RecommenderError } from '../errors.ts'
import {
  nullableFloatColumn,
  readFloats,
  readStrings,
  readTimestamps,
  stringColumn,
  timestampColumn,
} from './arrow-columns.ts'
import { replaceFile } from './atomic-write.ts'

const BATCH_ROWS = 1 << 18
const CURRENCY_KEY = 'perennial.currency'

/** What an events file holds beside its events. */
export type EventsHeader = Pick<EventTable, 'userIds' | 'itemIds' | 'eventTypeNames' | 'currency'>

/** The events of one record batch, as {@link EventTable} describes its columns. */
export type EventColumns = Omit<EventTable, keyof EventsHeader>

/**
 * Writes events as an Arrow IPC file, in batches so that memory stays bounded, and replaces `path` at the end.
 *
 * @param events - Sorted by user row, then time.
 */
export async function writeEventsFile(path: string, events: EventTable): Promise<void> {
  const numEvents = events.userRows.length
  const batches = function* (): Generator<EventColumns> {
    for (let start = 0; start === 0 || start < numEvents; start += BATCH_ROWS) {
      const end = Math.min(numEvents, start + BATCH_ROWS)
      yield {
        userRows: events.userRows.subarray(start, end),
        itemRows: events.itemRows.subarray(start, end),
        timestampMs: events.timestampMs.subarray(start, end),
        quantities: events.quantities.subarray(start, end),
        prices: events.prices.subarray(start, end),
        eventTypes: events.eventTypes.subarray(start, end),
      }
    }
  }
  await writeEventBatches(path, events, batches())
}

/**
 * Writes events that come in batches, each as one record batch of an Arrow IPC file, and replaces `path` at the end.
 *
 * @param batches - At least one, sorted by user row, then time, over all of them; a user may go on in the next. The
 * next is asked for when the one before is on its way to the disk. Their arrays must not be changed afterwards.
 */
export async function writeEventBatches(
  path: string,
  header: EventsHeader,
  batches: Iterable<EventColumns> | AsyncIterable<EventColumns>,
): Promise<void> {
  const toBatch = createBatchEncoder(header)
  const chunks: Uint8Array[] = []
  const sink = new AsyncByteQueue()
  // The queue would hold the whole file until the writer has finished; its chunks leave after each batch instead.
  sink.write = (chunk) => {
    chunks.push(chunk as Uint8Array)
  }
  const encode = async function* (): AsyncGenerator<Uint8Array> {
    const writer = new RecordBatchFileWriter().reset(sink)
    for await (const columns of batches) {
      writer.write(toBatch(columns))
      yield* chunks.splice(0)
    }
    writer.finish()
    yield* chunks.splice(0)
  }
  await replaceFile(path, (temporary) => pipeline(encode, createWriteStream(temporary)))
}

function createBatchEncoder(header: EventsHeader): (columns: EventColumns) => RecordBatch {
  const types = [1, 2, 3].map((id) => new Dictionary(new Utf8(), new Int32(), id)) as [
    IdType,
    IdType,
    IdType,
  ]
  const userIds = toIds(header.userIds)
  const itemIds = toIds(header.itemIds)
  const eventTypes = toIds(header.eventTypeNames)
  const schema = new Schema(
    [
      new Field(EVENT_COLUMNS.userId, types[0], false),
      new Field(EVENT_COLUMNS.itemId, types[1], false),
      new Field(EVENT_COLUMNS.timestamp, new TimestampMillisecond('UTC'), false),
      new Field(EVENT_COLUMNS.quantity, new Float32(), false),
      new Field(EVENT_COLUMNS.price, new Float32(), true),
      new Field(EVENT_COLUMNS.eventType, types[2], false),
    ],
    new Map(header.currency === null ? [] : [[CURRENCY_KEY, header.currency]]),
  )
  return (columns) => {
    const { length } = columns.userRows
    const children = [
      stringColumn(userIds, columns.userRows, types[0]),
      stringColumn(itemIds, columns.itemRows, types[1]),
      timestampColumn(columns.timestampMs),
      makeData({ type: new Float32(), length, nullCount: 0, data: columns.quantities }),
      nullableFloatColumn(columns.prices),
      stringColumn(eventTypes, Int32Array.from(columns.eventTypes), types[2]),
    ]
    return new RecordBatch(
      schema,
      makeData({ type: new Struct(schema.fields), length, nullCount: 0, children }),
    )
  }
}

/**
 * Reads events written by {@link writeEventsFile}.
 *
 * @throws {@link RecommenderError} `INVALID_EVENTS` if the file is not Arrow or lacks a column.
 */
export async function readEventsFile(path: string): Promise<EventTable> {
  const table = parseArrow(await readFile(path), path)
  const column = (name: string): NonNullable<ReturnType<typeof table.getChild>> => {
    const found = table.getChild(name)
    if (found !== null) return found
    const names = table.schema.fields.map((field) => field.name).join(', ')
    throw new RecommenderError(
      'INVALID_EVENTS',
      `Expected ${path} to have a column '${name}', got: ${names}.`,
    )
  }
  const users = readStrings(column(EVENT_COLUMNS.userId))
  const items = readStrings(column(EVENT_COLUMNS.itemId))
  const eventTypes = readStrings(column(EVENT_COLUMNS.eventType))
  return {
    userIds: users.values,
    itemIds: items.values,
    eventTypeNames: eventTypes.values,
    currency: table.schema.metadata.get(CURRENCY_KEY) ?? null,
    userRows: users.keys,
    itemRows: items.keys,
    timestampMs: readTimestamps(column(EVENT_COLUMNS.timestamp)),
    quantities: readFloats(column(EVENT_COLUMNS.quantity)),
    prices: readFloats(column(EVENT_COLUMNS.price)),
    eventTypes: Uint8Array.from(eventTypes.keys),
  }
}

/** Parses the bytes of an Arrow IPC file, naming the file when they are not one. */
export function parseArrow(bytes: Uint8Array, path: string): Table {
  try {
    return tableFromIPC(bytes)
  } catch (cause) {
    throw new RecommenderError(
      'INVALID_EVENTS',
      `Expected ${path} to be an Arrow IPC file; it cannot be parsed.`,
      {
        cause,
      },
    )
  }
}

type IdType = Dictionary<Utf8, Int32>

/** Arrow's own builder takes gigabytes for millions of ids. */
function toIds(values: readonly string[]): Vector<Utf8> {
  const valueOffsets = new Int32Array(values.length + 1)
  values.forEach((value, i) => {
    valueOffsets[i + 1] = (valueOffsets[i] as number) + Buffer.byteLength(value)
  })
  const data = Buffer.alloc(valueOffsets[values.length] as number)
  values.forEach((value, i) => {
    data.write(value, valueOffsets[i] as number)
  })
  return makeVector(
    makeData({ type: new Utf8(), length: values.length, nullCount: 0, valueOffsets, data }),
  )
}
