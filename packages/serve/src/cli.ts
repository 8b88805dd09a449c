import { RecommenderError } from '@perennial/core'
import { Command, InvalidArgumentError } from 'commander'
import { startServer } from './start-server.ts'

/** Runs `perennial-serve`: serves until SIGTERM or SIGINT, then finishes the requests under way. */
export async function runCli(argv: readonly string[]): Promise<void> {
  const program = new Command('perennial-serve')
    .description('Answers what each customer will want, over HTTP. The API is described at /docs.')
    .requiredOption('--artifact <folder>', 'artifact folder written by perennial-train')
    .option('--dataset <folder>', 'data set folder whose customers are to be known by their id')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'port to listen on; 0 takes a free one', readPort, 8080)
    .action(async (options: { artifact: string; dataset?: string; host: string; port: number }) => {
      const starting = new AbortController()
      const stopStart = (): void =>
        starting.abort(new RecommenderError('ABORTED', 'Stopped before the server listened.'))
      for (const name of SIGNALS) process.once(name, stopStart)
      const { app, close } = await startServer({
        ...options,
        signal: starting.signal,
        logTo: process.stdout,
      })
      for (const name of SIGNALS) {
        process.off(name, stopStart)
        process.once(name, () => {
          app.log.info(`${name}: finishing the requests under way`)
          close().catch(fail)
        })
      }
    })
  await program.parseAsync(argv).catch(fail)
}

const SIGNALS = ['SIGTERM', 'SIGINT'] as const

function readPort(text: string): number {
  const port = Number(text)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new InvalidArgumentError('Expected an integer between 0 and 65535.')
}

function fail(error: unknown): void {
  console.error(error instanceof RecommenderError ? `${error.code}: ${error.message}` : error)
  process.exitCode = 1
}
