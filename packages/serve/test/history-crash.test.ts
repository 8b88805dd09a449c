import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createRng } from '@perennial/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openLmdbHistoryStore } from '../src/history/open-lmdb-history-store.ts'
import { startWriter, WRITER_USER_IDS, type Writer, writeWriterScript } from './crash-writer.ts'

let root: string
let script: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'perennial-crash-'))
  script = await writeWriterScript(root)
})
afterAll(() => rm(root, { recursive: true }))

/** Returns the items of all users of a store, sorted; each is in it as often as its event is stored. */
async function readStored(folder: string): Promise<string[]> {
  const store = await openLmdbHistoryStore({ folder, maxEventsPerUser: 100_000 })
  const histories = await Promise.all(WRITER_USER_IDS.map((userId) => store.read(userId)))
  const { numEvents } = await store.statistics()
  await store.close()
  const itemIds = histories.flatMap(({ events }) => events.map(({ itemId }) => itemId)).sort()
  expect(numEvents).toBe(itemIds.length)
  for (const { events } of histories) {
    const times = events.map(({ timestampMs }) => timestampMs)
    expect(times).toEqual([...times].sort((left, right) => left - right))
  }
  return itemIds
}

/** Kills a writer at a random instant, again and again on one folder; returns the events that were acknowledged. */
async function killWriters(
  folder: string,
  { numKills, mode }: { readonly numKills: number; readonly mode: 'append' | 'compact' },
): Promise<{ readonly acknowledged: Set<string>; readonly numCompacted: number }> {
  const rng = createRng(23)
  const acknowledged = new Set<string>()
  let numCompacted = 0
  let numStarted = 0
  const start = () => startWriter(script, [folder, `${numStarted++}`, mode])
  // To start takes a process longer than to be killed, so the next ones start meanwhile.
  const waiting = [start(), start()]
  for (let run = 0; run < numKills; run++) {
    const writer = waiting.shift() as Writer
    if (numStarted < numKills) waiting.push(start())
    writer.go()
    // One in five may be killed while it opens the store, the others at a random instant of their work.
    if (run % 5 !== 0) await writer.waitFor(mode === 'append' ? 'open' : 'compacted')
    if (run % 5 !== 0 && mode === 'append') await writer.waitForLines(rng.nextInt(80))
    await sleep(rng.nextInt(25))
    await writer.kill()
    for (const line of writer.lines) {
      if (line === 'compacted') numCompacted++
      else if (line !== 'open') acknowledged.add(line)
    }
  }
  return { acknowledged, numCompacted }
}

describe('openLmdbHistoryStore killed with SIGKILL', () => {
  test('holds every acknowledged event once after a hundred kills during writes', async () => {
    const folder = join(root, 'append')
    const { acknowledged } = await killWriters(folder, { numKills: 100, mode: 'append' })
    const stored = await readStored(folder)
    expect(acknowledged.size).toBeGreaterThan(1_000)
    expect(stored).toEqual([...new Set(stored)])
    expect([...acknowledged].filter((name) => !new Set(stored).has(name))).toEqual([])
  }, 90_000)

  test('holds every acknowledged event once after kills during compactions', async () => {
    const folder = join(root, 'compact')
    const killed = await killWriters(folder, { numKills: 30, mode: 'compact' })
    const stored = await readStored(folder)
    expect(killed.numCompacted).toBeGreaterThanOrEqual(24)
    expect(stored).toEqual([...new Set(stored)])
    expect([...killed.acknowledged].filter((name) => !new Set(stored).has(name))).toEqual([])
    const files = await readdir(join(folder, 'default'))
    expect(files.filter((name) => name.endsWith('.mdb'))).toHaveLength(1)
    expect(files.filter((name) => name.includes('partial'))).toEqual([])
  }, 60_000)

  test('refuses a folder that another process has open, until that is dead', async () => {
    const folder = join(root, 'taken')
    const writer = startWriter(script, [folder, '0', 'append'])
    writer.go()
    await writer.waitFor('open')
    await expect(openLmdbHistoryStore({ folder })).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    })
    await writer.kill()
    const store = await openLmdbHistoryStore({ folder })
    await store.close()
  })
})

describe('openLmdbHistoryStore on a disk that is full', () => {
  test.skipIf(process.platform === 'win32')(
    'fails the append that does not fit, and keeps what it acknowledged',
    async () => {
      const folder = join(root, 'full')
      const dist = new URL('../dist/history/', import.meta.url).href
      const fill = join(root, 'fill.mjs')
      await writeFile(
        fill,
        `import { openLmdbHistoryStore } from '${dist}open-lmdb-history-store.js'
const store = await openLmdbHistoryStore({ folder: process.argv[2] })
const events = Array.from({ length: 50 }, (_, i) => ({ itemId: 'i' + i, timestampMs: i, quantity: 1 }))
let numAcknowledged = 0
try {
  while (true) {
    await store.append('user ' + numAcknowledged, events)
    numAcknowledged++
  }
} catch (error) {
  const { numUsers } = await store.statistics()
  console.log(JSON.stringify({ code: error.code, numAcknowledged, numUsers }))
}
await store.close()`,
      )
      // Files may have 1 MB: blocks are of 1,024 bytes.
      const command = `ulimit -f 1000; exec "${process.execPath}" "${fill}" "${folder}"`
      const child = spawn('bash', ['-c', command], { stdio: ['ignore', 'pipe', 'ignore'] })
      const chunks: Buffer[] = []
      child.stdout.on('data', (chunk) => chunks.push(chunk))
      await once(child, 'close')
      expect(child.exitCode).toBe(0)
      const { code, numAcknowledged, numUsers } = JSON.parse(String(Buffer.concat(chunks)))
      expect(code).toBe('STORE_UNAVAILABLE')
      expect(numAcknowledged).toBeGreaterThan(100)
      expect(numUsers).toBe(numAcknowledged)
      const store = await openLmdbHistoryStore({ folder })
      expect(await store.statistics()).toMatchObject({ numUsers })
      await store.close()
    },
    30_000,
  )
})

describe('erase', () => {
  test('leaves no byte of the user in the files after a compaction', async () => {
    const folder = join(root, 'erase')
    const store = await openLmdbHistoryStore({ folder })
    const userId = 'customer-0815@example.org'
    const event = (i: number) => ({
      itemId: `only-he-bought-${i}`,
      timestampMs: i,
      quantity: 1,
      eventId: `${userId}/order-${i}`,
    })
    await store.append(
      userId,
      Array.from({ length: 60 }, (_, i) => event(i)),
    )
    await store.markShown(userId, ['only-he-saw'], 5)
    await store.append('another', [{ itemId: 'tea', timestampMs: 1, quantity: 1 }])
    expect(await hasText(folder, 'only-he-bought-7')).toBe(true)
    await store.erase(userId)
    await store.compact()
    expect(await hasText(folder, 'tea')).toBe(true)
    for (const text of [userId, 'only-he', 'order-', 'customer-0815']) {
      expect(await hasText(folder, text)).toBe(false)
    }
    await store.close()
  })
})

/** Tells whether any file below a folder holds a text. */
async function hasText(folder: string, text: string): Promise<boolean> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  const contents = await Promise.all(
    files.map((file) => readFile(join(file.parentPath, file.name))),
  )
  return contents.some((content) => content.includes(text))
}
