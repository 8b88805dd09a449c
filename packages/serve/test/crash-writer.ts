import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const DIST = new URL('../dist/history/', import.meta.url).href

/** Users that a writer appends to, in turn. */
export const WRITER_USER_IDS = ['ann', 'bob', 'cid', 'dan', 'eve']

/**
 * Waits for a line on stdin, then appends events, some at once and some twice, and names each on a line of its own when it
 * is acknowledged. Compacts all the time if it is asked to.
 */
const SCRIPT = `
import { once } from 'node:events'
import { writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { openLmdbHistoryStore } from '${DIST}open-lmdb-history-store.js'

const [folder, run, mode] = process.argv.slice(2)
const userIds = ${JSON.stringify(WRITER_USER_IDS)}
await once(process.stdin, 'data')
const store = await openLmdbHistoryStore({ folder, maxEventsPerUser: 100_000 })
writeSync(1, 'open\\n')

async function append(number) {
  const name = run + ':' + number
  const event = { itemId: name, timestampMs: (number * 7919) % 1000, quantity: 1, eventId: name }
  await store.append(userIds[number % userIds.length], [event])
  writeSync(1, name + '\\n')
}

async function compact() {
  while (true) {
    await store.compact()
    writeSync(1, 'compacted\\n')
  }
}

const compaction = mode === 'compact' ? compact() : undefined
for (let number = 0; number < 100_000; number += 8) {
  const numbers = Array.from({ length: 8 }, (_, i) => number + i)
  await Promise.all([...numbers, ...numbers.slice(0, 2)].map(append))
  if (mode === 'compact') await sleep(1)
}
await compaction
`

/** Writes the script of a writer into a folder; returns its path. */
export async function writeWriterScript(folder: string): Promise<string> {
  const path = join(folder, 'writer.mjs')
  await writeFile(path, SCRIPT)
  return path
}

/** A process that appends events until it is killed. */
export interface Writer {
  /** Lines that it wrote so far: the names of acknowledged events, `open` and `compacted`. */
  readonly lines: string[]
  /** Lets it open the store and write. */
  go(): void
  /** Resolves once a line was written. */
  waitFor(line: string): Promise<void>
  /** Resolves once so many lines were written. */
  waitForLines(numLines: number): Promise<void>
  /** Kills the process with SIGKILL and waits for its end and its last line. */
  kill(): Promise<void>
}

/** Starts a process that can write to the folder of a store; see {@link Writer.go}. */
export function startWriter(script: string, args: readonly string[]): Writer {
  const child = spawn(process.execPath, [script, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines: string[] = []
  const reader = createInterface({ input: child.stdout })
  reader.on('line', (line) => lines.push(line))
  const ended = Promise.all([once(child, 'close'), once(reader, 'close')])
  const waitUntil = async (isTime: () => boolean): Promise<void> => {
    while (!isTime()) {
      await Promise.race([once(reader, 'line'), ended])
      if (child.exitCode !== null) throw new Error(`The writer ended with ${child.exitCode}.`)
    }
  }
  return {
    lines,
    go: () => child.stdin.write('go\n'),
    waitFor: (line) => waitUntil(() => lines.includes(line)),
    waitForLines: (numLines) => waitUntil(() => lines.length >= numLines),
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}
