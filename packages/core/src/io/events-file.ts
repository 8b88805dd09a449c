import { createWriteStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import {
  Dictionary,
  Field,
  Float32,
  Int32,
  makeData,
  RecordBatch,
  RecordBatchFileWriter,
  Schema,
  Struct,
  type Table,
  TimestampMillisecond,
  tableFromIPC,
  Utf8,
  type Vector,
  vectorFromArray,
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

/**
 * Writes events as an Arrow IPC file, in batches so that memory stays bounded, and replaces `path` at the end.
 *
 * @param events - Sorted by user row, then time.
 */
export async function writeEventsFile(path: string, events: EventTable): Promise<void> {
  const types = [1, 2, 3].map((id) => new Dictionary(new Utf8(), new Int32(), id)) as [
    IdType,
    IdType,
    IdType,
  ]
  const userIds = toIds(events.userIds)
  const itemIds = toIds(events.itemIds)
  const eventTypes = toIds(events.eventTypeNames)
  const schema = new Schema(
    [
      new Field(EVENT_COLUMNS.userId, types[0], false),
      new Field(EVENT_COLUMNS.itemId, types[1], false),
      new Field(EVENT_COLUMNS.timestamp, new TimestampMillisecond('UTC'), false),
      new Field(EVENT_COLUMNS.quantity, new Float32(), false),
      new Field(EVENT_COLUMNS.price, new Float32(), true),
      new Field(EVENT_COLUMNS.eventType, types[2], false),
    ],
    new Map(events.currency === null ? [] : [[CURRENCY_KEY, events.currency]]),
  )
  const toBatch = (start: number, end: number): RecordBatch => {
    const length = end - start
    const children = [
      stringColumn(userIds, events.userRows.subarray(start, end), types[0]),
      stringColumn(itemIds, events.itemRows.subarray(start, end), types[1]),
      timestampColumn(events.timestampMs.subarray(start, end)),
      makeData({
        type: new Float32(),
        length,
        nullCount: 0,
        data: events.quantities.subarray(start, end),
      }),
      nullableFloatColumn(events.prices.subarray(start, end)),
      stringColumn(eventTypes, Int32Array.from(events.eventTypes.subarray(start, end)), types[2]),
    ]
    return new RecordBatch(
      schema,
      makeData({ type: new Struct(schema.fields), length, nullCount: 0, children }),
    )
  }
  const numEvents = events.userRows.length
  await replaceFile(path, async (temporary) => {
    const batches = (function* (): Generator<RecordBatch> {
      for (let start = 0; start === 0 || start < numEvents; start += BATCH_ROWS) {
        yield toBatch(start, Math.min(numEvents, start + BATCH_ROWS))
      }
    })()
    await pipeline(
      RecordBatchFileWriter.writeAll(batches).toNodeStream(),
      createWriteStream(temporary),
    )
  })
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

function toIds(values: readonly string[]): Vector<Utf8> {
  return vectorFromArray(values as string[], new Utf8())
}
