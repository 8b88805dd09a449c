import type { Command } from 'commander'
import { runDoctor } from './doctor.ts'
import { formatDoctor } from './format-doctor.ts'

/** Adds `perennial-train doctor`, which exits with 1 where this machine cannot train. */
export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('print what works on this machine, how fast, and what to do about the rest')
    .option('--json', 'print the report as JSON')
    .action(async (options: { json?: boolean }) => {
      const report = await runDoctor()
      console.log(options.json ? JSON.stringify(report, null, 2) : formatDoctor(report))
      if (!report.canTrain) process.exitCode = 1
    })
}
