import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { readDataset } from '@perennial/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ingest } from '../src/ingest/ingest.ts'
import { builtModule } from './built-module.ts'

/** More than the event log keeps in one piece. */
const NUM_ROWS = 300_000

let folder: string
let input: string
let script: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perennial-killed-'))
  script = join(folder, 'run.mjs')
  await writeFile(
    script,
    `import { ingest } from '${builtModule('train/ingest/ingest')}'
const [input, output] = process.argv.slice(2)
const onProgress = ({ phase, numRows }) => console.log(phase, numRows)
await ingest({ inputs: [input], output, onProgress })
console.log('done')`,
  )
  input = join(folder, 'events.csv')
  const rows = Array.from(
    { length: NUM_ROWS },
    (_, i) => `c${i % 5000},s${i % 300},${new Date(1.7e12 + i * 60_000).toISOString()}`,
  )
  await writeFile(input, ['user_id,item_id,timestamp', ...rows].join('\n'))
}, 120_000)
afterAll(() => rm(folder, { recursive: true }))

/** Runs ingest in another process, to the end or until a line of its output asks to kill it. */
async function run(output: string, isTime: (line: string) => boolean): Promise<ChildProcess> {
  const child = spawn(process.execPath, [script, input, output], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  createInterface({ input: child.stdout }).on('line', async (line) => {
    if (!isTime(line)) return
    while (line.startsWith('write') && !(await hasPartial(dirname(output)))) await sleep(1)
    child.kill('SIGKILL')
  })
  await once(child, 'close')
  return child
}

async function hasPartial(parent: string): Promise<boolean> {
  return (await readdir(parent)).some((name) => name.endsWith('.partial'))
}

describe('ingest killed with SIGKILL', () => {
  test.each([
    ['reading', (line: string) => /^read [1-9]/.test(line)],
    ['writing', (line: string) => line.startsWith('write')],
  ])(
    'while %s leaves the previous output, and a rerun completes',
    { timeout: 120_000 },
    async (phase, isTime) => {
      const parent = join(folder, phase)
      const output = join(parent, 'dataset')
      const small = join(folder, 'small.csv')
      await writeFile(small, 'user_id,item_id,timestamp\nc1,s1,2024-05-01T10:00:00Z\n')
      await ingest({ inputs: [small], output })
      const read = async (): Promise<Record<string, Buffer>> => {
        const names = (await readdir(output)).sort()
        const files = await Promise.all(names.map((name) => readFile(join(output, name))))
        return Object.fromEntries(names.map((name, i) => [name, files[i] as Buffer]))
      }
      const before = await read()
      expect(Object.keys(before)).toEqual([
        'events.arrow',
        'items.arrow',
        'report.html',
        'report.json',
      ])

      const killed = await run(output, isTime)
      expect(killed.signalCode).toBe('SIGKILL')
      expect(await hasPartial(parent)).toBe(phase === 'writing')
      expect(await read()).toEqual(before)

      const completed = await run(output, () => false)
      expect(completed.exitCode).toBe(0)
      const { userIds, sequences } = await readDataset(output)
      expect(userIds).toHaveLength(5000)
      expect(sequences.itemRows).toHaveLength(NUM_ROWS)
      // Nothing of the killed run stays behind.
      expect(await readdir(parent)).toEqual(['dataset'])
    },
  )
})
