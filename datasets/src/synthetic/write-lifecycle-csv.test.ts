import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readCsv } from '../read-csv.ts'
import { generateLifecycle } from './generate-lifecycle.ts'
import { type LifecycleManifest, writeLifecycleCsv } from './write-lifecycle-csv.ts'

const OPTIONS = { users: 300, seed: 7, difficulty: 0.8 }
const FILES = ['events.csv', 'items.csv', 'truth.json']

describe('writeLifecycleCsv', () => {
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'perennial-synthetic-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  test('writes the same bytes for the same seed and others for another', async () => {
    const write = async (name: string, seed: number): Promise<string[]> => {
      await writeLifecycleCsv(join(folder, name), { ...OPTIONS, seed })
      expect((await readdir(join(folder, name))).sort()).toEqual(FILES)
      return Promise.all(FILES.map((file) => hashOf(join(folder, name, file))))
    }
    const first = await write('a', 7)
    expect(await write('b', 7)).toEqual(first)
    const other = await write('c', 8)
    FILES.forEach((_, i) => {
      expect(other[i]).not.toBe(first[i])
    })
  })

  test('writes the events of generateLifecycle and, beside them, the dirt that it counts', async () => {
    const manifest = await writeLifecycleCsv(folder, OPTIONS)
    const rows = await readCsv(await readFile(join(folder, 'events.csv')), 'events.csv')
    const { clean, counts } = sortOut(rows)
    expect(counts).toEqual(manifest.rows)
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(50)
    const { events, items, truth } = generateLifecycle(OPTIONS)
    const recordOf = new Map(items.map((item) => [item.itemId, item]))
    expect(clean.map((row) => row.slice(1))).toEqual(
      events.map(({ userId, itemId, quantity, price, timestampMs }) => [
        userId,
        itemId,
        recordOf.get(itemId)?.title,
        recordOf.get(itemId)?.categoryPath?.join(' > '),
        String(quantity),
        price.toFixed(2),
        new Date(timestampMs).toISOString().slice(0, 19).replace('T', ' '),
      ]),
    )
    const written = JSON.parse(await readFile(join(folder, 'truth.json'), 'utf8')) as {
      manifest: LifecycleManifest
      users: unknown
    }
    expect(written).toEqual({ manifest, users: truth })
    expect(manifest.options).toEqual({ ...OPTIONS, items: 300, days: 540 })
  })

  test('gives each order of a customer its own number and one time', async () => {
    await writeLifecycleCsv(folder, { ...OPTIONS, difficulty: 0 })
    const rows = await readCsv(await readFile(join(folder, 'events.csv')), 'events.csv')
    const orderOfTime = new Map(rows.map((row) => [`${row[1]} ${row[7]}`, row[0]]))
    const timeOfOrder = new Map(rows.map((row) => [row[0], `${row[1]} ${row[7]}`]))
    expect(timeOfOrder.size).toBe(orderOfTime.size)
    expect(timeOfOrder.size).toBeLessThan(rows.length)
    expect(rows[0]?.[0]).toBe('100001')
  })

  test('writes the assortment as a table of items', async () => {
    await writeLifecycleCsv(folder, OPTIONS)
    const rows = await readCsv(await readFile(join(folder, 'items.csv')), 'items.csv')
    const { items } = generateLifecycle({ ...OPTIONS, users: 1 })
    expect(rows).toEqual(
      items.map(({ itemId, title, categoryPath, price }) => [
        itemId,
        title,
        categoryPath?.join(' > '),
        price?.toFixed(2),
      ]),
    )
  })

  test('has no dirt at difficulty 0', async () => {
    const { rows } = await writeLifecycleCsv(folder, { ...OPTIONS, difficulty: 0 })
    const { clean, ...dirt } = rows
    expect(clean).toBe(generateLifecycle({ ...OPTIONS, difficulty: 0 }).events.length)
    expect(Object.values(dirt)).toEqual([0, 0, 0, 0, 0])
  })

  test('reports progress and stops when the caller aborts', async () => {
    const seen: number[] = []
    await writeLifecycleCsv(folder, { users: 2000, onProgress: (numUsers) => seen.push(numUsers) })
    expect(seen).toEqual([1000, 2000])
    const before = await hashOf(join(folder, 'events.csv'))
    const stop = new AbortController()
    const writing = writeLifecycleCsv(folder, {
      users: 5000,
      signal: stop.signal,
      onProgress: () => stop.abort(),
    })
    await expect(writing).rejects.toMatchObject({ name: 'AbortError' })
    expect(await hashOf(join(folder, 'events.csv'))).toBe(before)
    expect((await readdir(folder)).sort()).toEqual(FILES)
  })
})

async function hashOf(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex')
}

/** Tells clean rows from dirt by what a reader of the file can see. */
function sortOut(rows: readonly string[][]): {
  clean: string[][]
  counts: Record<string, number>
} {
  const clean: string[][] = []
  const counts = {
    clean: 0,
    duplicates: 0,
    returns: 0,
    cancellations: 0,
    missingCustomers: 0,
    malformed: 0,
  }
  for (const row of rows) {
    const [order = '', customer, sku, , , quantity, , time] = row
    if (row.length < 8 || sku === '' || quantity === 'two' || time === 'yesterday') {
      counts.malformed++
    } else if (order.startsWith('R') && Number(quantity) < 0) counts.returns++
    else if (order.startsWith('C') && Number(quantity) < 0) counts.cancellations++
    else if (customer === '') counts.missingCustomers++
    else if (clean.at(-1)?.join() === row.join()) counts.duplicates++
    else {
      counts.clean++
      clean.push(row)
    }
  }
  return { clean, counts }
}
