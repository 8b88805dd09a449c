import { execFile } from 'node:child_process'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Command } from 'commander'
import { describeRun } from '../machine.ts'
import { writeJson } from '../write-json.ts'
import { generateEvents } from './generate-events.ts'

const MEMORY_BUDGET_BYTES = 3 * 2 ** 30

const { rows, seed, temporary, out } = new Command('ingest')
  .description('generate a CSV, ingest it in a fresh process, report speed and peak memory as JSON')
  .option('--rows <count>', 'rows to generate', Number, 20_000_000)
  .option('--seed <number>', 'seed of the generated rows', Number, 1)
  .option('--temporary <folder>', 'folder for the CSV while it is needed', tmpdir())
  .option('--out <file>', 'result (default: benchmarks/results/ingest.json)')
  .parse()
  .opts<{ rows: number; seed: number; temporary: string; out?: string }>()

const run = describeRun()
const folder = await mkdtemp(join(temporary, 'perennial-ingest-'))
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
  const fileBytes = (await stat(input)).size
  const result = { ...run, rows, seed, fileBytes, ...measured }
  console.log(JSON.stringify(result, null, 2))
  await writeJson(
    out ?? fileURLToPath(new URL('../../results/ingest.json', import.meta.url)),
    result,
  )
  // The budget is for 20 million rows; fewer must stay within it all the more.
  if (rows <= 20_000_000 && measured.peakRssBytes > MEMORY_BUDGET_BYTES) {
    console.error(`Expected a peak of at most ${MEMORY_BUDGET_BYTES} bytes.`)
    process.exitCode = 1
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}
