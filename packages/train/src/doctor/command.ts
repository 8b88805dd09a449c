import type { Command } from 'commander'
import { runDoctor } from './doctor.ts'
import { formatDoctor } from './format-doctor.ts'

interface DoctorFlags {
  readonly json?: boolean
  readonly items?: number
  readonly dim: number
}

/** Adds `perennial-train doctor`, which exits with 1 where this machine cannot train. */
export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('print what works on this machine, how fast, and what to do about the rest')
    .option('--json', 'print the report as JSON')
    .option('--items <n>', 'say how much memory training that many items takes', Number)
    .option('--dim <n>', 'length of their vectors, for --items', Number, 64)
    .action(async ({ items, dim, ...options }: DoctorFlags) => {
      const report = await runDoctor({
        training: items === undefined ? undefined : { numItems: items, dim },
      })
      console.log(options.json ? JSON.stringify(report, null, 2) : formatDoctor(report))
      if (!report.canTrain) process.exitCode = 1
    })
}
