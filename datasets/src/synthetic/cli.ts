import { RecommenderError } from '@perennial/core'
import { Command } from 'commander'
import { writeLifecycleCsv } from './write-lifecycle-csv.ts'

interface Flags {
  readonly out: string
  readonly users: number
  readonly items: number
  readonly days: number
  readonly seed: number
  readonly difficulty: number
}

const program = new Command('synthetic')
  .description('Writes events.csv, items.csv and truth.json of a synthetic shop')
  .requiredOption('--out <folder>', 'folder to write')
  .option('--users <number>', 'customers', Number, 2000)
  .option('--items <number>', 'items', Number, 300)
  .option('--days <number>', 'days of the log', Number, 540)
  .option('--seed <number>', 'seed of every random choice', Number, 1)
  .option('--difficulty <number>', 'noise and dirt, 0 to 0.9', Number, 0.3)
  .action(async ({ out, ...options }: Flags) => {
    const { rows } = await writeLifecycleCsv(out, options)
    const { clean, ...dirt } = rows
    console.log(`${out}: ${clean} clean rows, extra rows: ${JSON.stringify(dirt)}`)
  })

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof RecommenderError)) throw error
  console.error(`${error.code}\n  ${error.message}`)
  process.exitCode = 1
}
