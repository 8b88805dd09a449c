import { execFile } from 'node:child_process'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Command } from 'commander'
import { generateEvents } from './generate-events.ts'

const MEMORY_BUDGET_BYTES = 3 * 2 ** 30

const { rows, seed, out } = new Command('ingest')
  .description('generate a CSV, ingest it in a fresh process, report speed and peak memory as JSON')
  .option('--rows <count>', 'rows to generate', Number, 20_000_000)
  .option('--seed <number>', 'seed of the generated rows', Number, 1)
  .option('--out <folder>', 'folder for the CSV while it is needed', tmpdir())
  .parse()
  .opts<{ rows: number; seed: number; out: string }>()

const folder = await mkdtemp(join(out, 'perennial-ingest-'))
try {
  const input = join(folder, 'events.csv')
  await generateEvents(input, { numRows: rows, seed })
  const child = fileURLToPath(new URL('./measure-ingest.js', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [
    child,
    input,
    join(folder, 'out'),
  ])
  const measured = JSON.parse(stdout) as { peakRssBytes: number }
  const machine = { node: process.version, cpu: cpus()[0]?.model, numCpus: cpus().length }
  const fileBytes = (await stat(input)).size
  console.log(JSON.stringify({ rows, seed, fileBytes, ...measured, machine }, null, 2))
  // The budget is for 20 million rows; fewer must stay within it all the more.
  if (rows <= 20_000_000 && measured.peakRssBytes > MEMORY_BUDGET_BYTES) {
    console.error(`Expected a peak of at most ${MEMORY_BUDGET_BYTES} bytes.`)
    process.exitCode = 1
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}
