import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readDataset } from '@perennial/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { builtModule } from './built-module.ts'

const EVENTS = `Kunde;Artikel;Wann;Preis
a;x;01.05.2024 10:00;2,50
b;y;02.05.2024 10:00;3,50
b;y;02.05.2024 11:00;teuer
b;z;03.05.2024 10:00;4,50
c;z;04.05.2024 10:00;4,50
`
const FLAGS = ['--time-column', 'Wann', '--decimal', ',', '--time-zone', 'Europe/Berlin']

let folder: string
let script: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perennial-command-'))
  script = join(folder, 'run.mjs')
  await writeFile(
    script,
    `import { createProgram } from '${builtModule('train/cli')}'
await createProgram().parseAsync().catch((error) => {
  console.error(error.message)
  process.exitCode = 1
})`,
  )
  await writeFile(join(folder, 'events.csv'), EVENTS)
}, 120_000)
afterAll(() => rm(folder, { recursive: true }))

interface Outcome {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

function run(...flags: readonly string[]): Promise<Outcome> {
  const args = [script, 'ingest', ...flags]
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: folder }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr })
    })
  })
}

describe('perennial-train ingest', () => {
  test('--dry-run shows the mapping and sample events and writes nothing', async () => {
    const { status, stdout } = await run('events.csv', '--dry-run', ...FLAGS)
    expect(status).toBe(0)
    expect(stdout).toMatch(/userId +│ Kunde +│ guessed from the header/)
    expect(stdout).toMatch(/timestamp +│ Wann +│ named by you/)
    expect(stdout).toMatch(/a +│ x +│ 2024-05-01T08:00:00.000Z +│ 1 +│ 2.5 /)
    expect(stdout).toMatch(/Price is not a number +│ 1 \(20.0%\)/)
    expect(await readdir(folder)).not.toContain('shop')
  })

  test('writes the data set and prints the report', async () => {
    const { status, stdout, stderr } = await run('events.csv', '--out', 'shop', ...FLAGS)
    expect(status).toBe(0)
    expect(stdout).toMatch(/Events kept +│ 4 \(80.0%\)/)
    expect(stdout).toContain('events.csv:4 Preis')
    expect(stdout).toContain('Written to shop; the full report is shop/report.html')
    expect(stderr).toMatch(/write: 100.0%, 5 rows/)
    expect((await readDataset(join(folder, 'shop'))).userIds).toEqual(['a', 'b', 'c'])
  })

  test('none leaves a column out', async () => {
    const { stdout } = await run('events.csv', '--dry-run', ...FLAGS, '--price-column', 'none')
    expect(stdout).toMatch(/a +│ x +│ 2024-05-01T08:00:00.000Z +│ 1 +│ unknown /)
  })

  test('a failure names the way out and writes nothing', async () => {
    const withoutZone = await run('events.csv', '--out', 'none', ...FLAGS.slice(0, 4))
    expect(withoutZone.status).toBe(1)
    expect(withoutZone.stderr).toContain(
      "events.csv, line 2, column 'Wann': the time '01.05.2024 10:00'",
    )
    expect(withoutZone.stderr).toContain('--time-zone')
    const withoutOut = await run('events.csv')
    expect(withoutOut.stderr).toContain('--out <folder>')
    const notANumber = await run('events.csv', '--out', 'none', '--max-price', 'dear')
    expect(notANumber.stderr).toContain('Expected a number')
    expect(await readdir(folder)).not.toContain('none')
  })
})
