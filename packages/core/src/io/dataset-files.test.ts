import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Table, tableToIPC, Utf8, vectorFromArray } from 'apache-arrow'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { EventTable } from '../data/event-table.ts'
import { ItemCatalog, type ItemRecord } from '../data/item-catalog.ts'
import { DATASET_FILES, readDataset } from './dataset-folder.ts'
import { encodeItems } from './encode-items.ts'
import { readEventsFile, writeEventsFile } from './events-file.ts'
import { readItemsFile, writeItemsFile } from './items-file.ts'

let folder: string
let path: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perennial-'))
  path = join(folder, 'file.arrow')
})

afterEach(() => rm(folder, { recursive: true }))

const events: EventTable = {
  userIds: ['Zoë', '客户', 'u,"3"\n'],
  itemIds: ['', 'thé 🍵', 'чашка', ' '],
  eventTypeNames: ['purchase', 'view'],
  currency: 'GBP',
  userRows: Int32Array.of(0, 0, 1, 2),
  itemRows: Int32Array.of(1, 3, 2, 1),
  timestampMs: Float64Array.of(-86_400_000, 0, Date.parse('2011-12-09T12:50:00.123Z'), 2 ** 42),
  quantities: Float32Array.of(1, 2.5, 1e-3, 4096),
  prices: Float32Array.of(Number.NaN, 0, 9.99, Number.NaN),
  eventTypes: Uint8Array.of(0, 1, 0, 1),
}

describe('writeEventsFile and readEventsFile', () => {
  test('keep ids in any script, unknown prices, milliseconds and the currency', async () => {
    await writeEventsFile(path, events)
    expect(await readEventsFile(path)).toEqual(events)
  })

  test('keep events over several record batches', async () => {
    const length = 2 * 2 ** 18 + 3
    const many: EventTable = {
      ...events,
      currency: null,
      userRows: Int32Array.from({ length }, (_, i) => Math.floor((3 * i) / length)),
      itemRows: Int32Array.from({ length }, (_, i) => 1 + (i % 3)),
      timestampMs: Float64Array.from({ length }, (_, i) => i),
      quantities: Float32Array.from({ length }, (_, i) => 1 + (i % 7)),
      prices: Float32Array.from({ length }, (_, i) => (i % 5 === 0 ? Number.NaN : i)),
      eventTypes: Uint8Array.from({ length }, (_, i) => i % 2),
    }
    await writeEventsFile(path, many)
    const read = await readEventsFile(path)
    // Compared as bytes, since a deep comparison of half a million numbers takes seconds.
    for (const [name, column] of Object.entries(many)) {
      const found = read[name as keyof EventTable]
      if (!ArrayBuffer.isView(column)) expect(found).toEqual(column)
      else expect(Buffer.compare(bytesOf(column), bytesOf(found as ArrayBufferView))).toBe(0)
    }
  })

  test('keep a table without events', async () => {
    const none: EventTable = {
      ...events,
      userRows: new Int32Array(),
      itemRows: new Int32Array(),
      timestampMs: new Float64Array(),
      quantities: new Float32Array(),
      prices: new Float32Array(),
      eventTypes: new Uint8Array(),
    }
    await writeEventsFile(path, none)
    expect(await readEventsFile(path)).toEqual(none)
  })

  test('refuse what is not Arrow, naming the file', async () => {
    await writeFile(path, 'user_id,item_id\n')
    await expect(readEventsFile(path)).rejects.toMatchObject({
      code: 'INVALID_EVENTS',
      message: expect.stringContaining(path),
    })
  })

  test('name the column that is missing', async () => {
    const table = new Table({ user_id: vectorFromArray(['a']) })
    await writeFile(path, tableToIPC(table, 'file'))
    await expect(readEventsFile(path)).rejects.toThrow(
      `Expected ${path} to have a column 'item_id', got: user_id.`,
    )
  })
})

const records: ItemRecord[] = [
  { itemId: 'thé 🍵', title: 'Tea, "green"', categoryPath: ['food', 'tea'], price: 2.5 },
  { itemId: 'b', title: undefined, categoryPath: [], price: undefined },
  { itemId: 'c', title: '', categoryPath: ['x'], price: 0 },
]

describe('items files', () => {
  test('keep records, with what is unknown', async () => {
    await writeItemsFile(path, records)
    expect(await readItemsFile(path)).toEqual({ records })
  })

  test('keep vectors, popularity and trained flags by row', async () => {
    const vectors = {
      dim: 2,
      vectors: Float32Array.of(0, 0, 1, -2, 3.5, 4, -1e-9, 6),
      popularity: Float32Array.of(0, 7, 0, 1.5),
      trained: Uint8Array.of(0, 1, 0, 1),
    }
    await writeFile(path, encodeItems(records, vectors))
    expect(await readItemsFile(path)).toEqual({ records, vectors })
  })

  test('are the same from records and from a catalogue', () => {
    expect(encodeItems(new ItemCatalog(records))).toEqual(encodeItems(records))
  })

  test.each([
    ['item_id', [1]],
    ['title', [1]],
    ['category_path', ['a']],
  ])('refuse another type of %s', async (name, values) => {
    const columns = { item_id: vectorFromArray(['a'], new Utf8()), [name]: vectorFromArray(values) }
    await writeFile(path, tableToIPC(new Table(columns), 'file'))
    await expect(readItemsFile(path)).rejects.toMatchObject({
      code: 'INVALID_EVENTS',
      message: expect.stringContaining(`in '${name}', got `),
    })
  })

  test('may lack all but the ids', async () => {
    const column = vectorFromArray(['a', 'b'], new Utf8())
    await writeFile(path, tableToIPC(new Table({ item_id: column }), 'file'))
    const { records } = await readItemsFile(path)
    const none = { title: undefined, categoryPath: [], price: undefined }
    expect(records).toEqual([
      { itemId: 'a', ...none },
      { itemId: 'b', ...none },
    ])
  })

  test('refuse a file without item ids', async () => {
    await writeFile(path, tableToIPC(new Table({ title: vectorFromArray(['a']) }), 'file'))
    await expect(readItemsFile(path)).rejects.toMatchObject({
      code: 'INVALID_EVENTS',
      message: expect.stringContaining('item_id'),
    })
  })
})

describe('readDataset', () => {
  test('orders items like the events; items without events come after', async () => {
    await writeEventsFile(join(folder, DATASET_FILES.events), events)
    const listed = ['new', ' ', 'чашка'].map((itemId) => ({ itemId, title: `title of ${itemId}` }))
    await writeItemsFile(join(folder, DATASET_FILES.items), listed)
    const { catalog, sequences, userIds, currency, timeKind } = await readDataset(folder)
    const ids = Array.from({ length: catalog.numItems }, (_, i) => catalog.idOf(i + 1))
    expect(ids).toEqual(['thé 🍵', 'чашка', ' ', 'new'])
    expect(catalog.recordOf(2).title).toBe('title of чашка')
    expect(sequences.offsets).toEqual(Int32Array.of(0, 2, 3, 4))
    expect({ userIds, currency, timeKind }).toEqual({
      userIds: events.userIds,
      currency: 'GBP',
      timeKind: 'timestamp',
    })
  })

  test('keeps only the wanted event types', async () => {
    await writeEventsFile(join(folder, DATASET_FILES.events), events)
    await writeItemsFile(join(folder, DATASET_FILES.items), [])
    const { sequences } = await readDataset(folder, { eventTypes: ['view'] })
    expect(sequences.itemRows).toEqual(Int32Array.of(3, 1))
  })

  test('says which file is missing and how to make it', async () => {
    await expect(readDataset(folder)).rejects.toMatchObject({
      code: 'DATASET_MISSING',
      message: expect.stringMatching(/events\.arrow.*perennial-train ingest/),
    })
  })
})

function bytesOf(values: ArrayBufferView): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
}
