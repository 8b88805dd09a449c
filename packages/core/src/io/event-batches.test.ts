import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DATASET_FILES, openDataset, readDataset } from './dataset-folder.ts'
import { openEventBatches } from './event-batches.ts'
import { type EventColumns, readEventsFile, writeEventBatches } from './events-file.ts'
import { writeItemsFile } from './items-file.ts'

let folder: string
let path: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perennial-'))
  path = join(folder, DATASET_FILES.events)
})

afterEach(() => rm(folder, { recursive: true }))

const header = {
  userIds: ['a', 'b', 'c'],
  itemIds: ['', 'x', 'y'],
  eventTypeNames: ['purchase', 'view'],
  currency: 'GBP',
}

function columns(
  events: readonly (readonly [user: number, item: number, ms: number])[],
): EventColumns {
  return {
    userRows: Int32Array.from(events, ([user]) => user),
    itemRows: Int32Array.from(events, ([, item]) => item),
    timestampMs: Float64Array.from(events, ([, , ms]) => ms),
    quantities: new Float32Array(events.length).fill(2),
    prices: new Float32Array(events.length).fill(Number.NaN),
    eventTypes: Uint8Array.from(events, (_, i) => i % 2),
  }
}

// User 1 goes on from the first batch into the second; one time is before 1970, one past 2^32.
const batches = [
  columns([
    [0, 1, -1],
    [1, 2, 5],
  ]),
  columns([
    [1, 1, 2 ** 42 + 3],
    [2, 2, 0],
    [2, 1, 7],
  ]),
]

describe('writeEventBatches', () => {
  test('writes what readEventsFile reads as one table, a batch at a time', async () => {
    const asked: number[] = []
    await writeEventBatches(
      path,
      header,
      (async function* () {
        for (const [i, batch] of batches.entries()) {
          asked.push(i)
          yield batch
        }
      })(),
    )
    expect(asked).toEqual([0, 1])
    const table = await readEventsFile(path)
    expect(table).toMatchObject(header)
    expect(Array.from(table.userRows)).toEqual([0, 1, 1, 2, 2])
    expect(Array.from(table.timestampMs)).toEqual([-1, 5, 2 ** 42 + 3, 0, 7])
    expect(Array.from(table.quantities)).toEqual([2, 2, 2, 2, 2])
  })
})

describe('openEventBatches', () => {
  test('reads each batch from its place, in any order and asked for at once', async () => {
    await writeEventBatches(path, header, batches)
    const events = await openEventBatches(path)
    expect([events.numBatches, events.numUsers, events.itemIds()]).toEqual([2, 3, header.itemIds])
    expect(events.eventTypeNames).toEqual(header.eventTypeNames)
    const read = await Promise.all([events.read(1), events.read(0), events.read(1)])
    expect(read.map(({ userRows }) => Array.from(userRows))).toEqual([
      [1, 2, 2],
      [0, 1],
      [1, 2, 2],
    ])
    expect(read.map(({ timestampMs }) => Array.from(timestampMs))).toEqual([
      [2 ** 42 + 3, 0, 7],
      [-1, 5],
      [2 ** 42 + 3, 0, 7],
    ])
    expect(Array.from(read[0]?.itemRows ?? [])).toEqual([1, 2, 1])
    expect(Array.from(read[0]?.eventTypes ?? [])).toEqual([0, 1, 0])
    await events.close()
  })

  test('refuses a batch that is not there, and what is not Arrow', async () => {
    await writeEventBatches(path, header, batches)
    const events = await openEventBatches(path)
    await expect(events.read(2)).rejects.toMatchObject({ code: 'INVALID_EVENTS' })
    await events.close()
    await truncate(path, 500)
    await expect(openEventBatches(path)).rejects.toMatchObject({ code: 'INVALID_EVENTS' })
    await writeFile(path, 'user_id,item_id\n')
    await expect(openEventBatches(path)).rejects.toMatchObject({
      code: 'INVALID_EVENTS',
      message: expect.stringContaining(path),
    })
  })
})

describe('openDataset', () => {
  test('gives items the rows that readDataset gives them', async () => {
    await writeEventBatches(path, header, batches)
    const ids = ['new', 'y', 'x']
    await writeItemsFile(
      join(folder, DATASET_FILES.items),
      ids.map((itemId) => ({ itemId })),
    )
    const { catalog, events } = await openDataset(folder)
    await events.close()
    const whole = await readDataset(folder)
    expect(catalog.numItems).toBe(3)
    for (const id of ids) expect(catalog.rowOf(id)).toBe(whole.catalog.rowOf(id))
  })
})
