import { createRequire } from 'node:module'
import { RecommenderError } from '@perennial/core'
import { Command } from 'commander'
import { addCustomersCommand } from './customers/command.ts'
import { addDoctorCommand } from './doctor/command.ts'
import { addFitCommand } from './fit/command.ts'
import { addIngestCommand } from './ingest/command.ts'
import { addTuneCommand } from './tune/command.ts'

/** Returns the program `perennial-train` with all its commands. */
export function createProgram(): Command {
  const { version, description } = createRequire(import.meta.url)('../package.json')
  const program = new Command('perennial-train').description(description).version(version)
  addDoctorCommand(program)
  addIngestCommand(program)
  addTuneCommand(program)
  addFitCommand(program)
  addCustomersCommand(program)
  return program
}

/** Runs `perennial-train`; a failure is printed on stderr and sets the exit status to 1. */
export async function main(argv: readonly string[] = process.argv): Promise<void> {
  try {
    await createProgram().parseAsync(argv)
  } catch (error) {
    console.error(describeFailure(error))
    process.exitCode = 1
  }
}

/** Returns an error as the user reads it: ours as one block, a defect with its stack. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof RecommenderError)) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error)
  }
  const cause = error.cause instanceof Error ? [`caused by: ${error.cause.message}`] : []
  const block = [error.message, ...cause].join('\n').replaceAll('\n', '\n  ')
  return `perennial-train: ${error.code}\n  ${block}`
}
