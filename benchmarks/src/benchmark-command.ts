import { fileURLToPath } from 'node:url'
import { RecommenderError } from '@perennial/core'
import { Command, InvalidArgumentError } from 'commander'

/** Options that every benchmark of an artifact has on its command line. */
export interface BenchmarkArguments {
  readonly items: readonly number[]
  readonly artifact?: string
  readonly users: number
  readonly seed: number
  readonly out: string
}

/** Options of {@link createBenchmarkCommand}. */
export interface BenchmarkCommandOptions {
  readonly description: string
  /** File name of the result in `benchmarks/results`. */
  readonly resultName: string
  readonly users: number
}

/** Returns a command with the options of {@link BenchmarkArguments}. */
export function createBenchmarkCommand(
  name: string,
  { description, resultName, users }: BenchmarkCommandOptions,
): Command {
  const results = fileURLToPath(new URL('../results/', import.meta.url))
  return new Command(name)
    .description(description)
    .option('--items <sizes>', 'catalogue sizes, by comma', readSizes, [10_000, 100_000])
    .option('--artifact <folder>', 'measure this artifact instead of untrained ones')
    .option('--users <count>', 'users of the generated purchases', readWhole(1), users)
    .option('--seed <number>', 'fixes every random choice', readWhole(0), 1)
    .option('--out <file>', 'where the JSON goes', `${results}${resultName}`)
}

/** Returns a parser of whole numbers of `min` or more for the command line. */
export function readWhole(min: number): (text: string) => number {
  return (text) => {
    const value = text === '' ? Number.NaN : Number(text)
    if (Number.isInteger(value) && value >= min) return value
    throw new InvalidArgumentError(`Expected a whole number of ${min} or more, got '${text}'.`)
  }
}

/**
 * Runs a command with a signal that Ctrl-C aborts; an error that users can act on is printed as its
 * message and sets exit status 1.
 */
export async function runBenchmarkCommand(
  command: Command,
  action: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const abort = new AbortController()
  process.once('SIGINT', () => abort.abort(new RecommenderError('ABORTED', 'Stopped.')))
  try {
    await command.action(() => action(abort.signal)).parseAsync()
  } catch (error) {
    if (!(error instanceof RecommenderError)) throw error
    console.error(`${command.name()}: ${error.code}\n  ${error.message}`)
    process.exitCode = 1
  }
}

function readSizes(text: string): number[] {
  return text.split(',').map(readWhole(1))
}
