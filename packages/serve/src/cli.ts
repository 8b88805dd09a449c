import { readFile } from 'node:fs/promises'
import { RecommenderError } from '@perennial/core'
import { Command, InvalidArgumentError } from 'commander'
import { type ApiKeyEntry, createApiKey, readApiKeys } from './http/api-keys.ts'
import { SCOPES } from './http/scopes.ts'
import { INDEX_CHOICES } from './retrieval/choose-index.ts'
import { type StartOptions, startServer } from './start-server.ts'

/** Runs `perennial-serve`: serves until SIGTERM or SIGINT, then finishes the requests under way; or makes an API key. */
export async function runCli(argv: readonly string[]): Promise<void> {
  await createProgram().parseAsync(argv).catch(fail)
}

/**
 * Returns the commands of `perennial-serve` with their options.
 *
 * @param write - Takes what `keys new` prints.
 */
export function createProgram(write: (text: string) => void = writeOut): Command {
  const program = new Command('perennial-serve').description(
    'Answers what each customer will want, over HTTP. The API is described at /docs.',
  )
  program
    .command('serve', { isDefault: true })
    .description('serve an artifact; what runs when no command is named')
    .requiredOption('--artifact <folder>', 'artifact folder written by perennial-train')
    .option('--dataset <folder>', 'data set folder whose customers are to be known by their id')
    .option(
      '--store <address>',
      'where events and items are kept: a folder, redis://host:port or memory:',
      'memory:',
    )
    .option('--namespace <name>', 'keeps shops apart that share a store', 'default')
    .option('--max-events <number>', 'events kept a user; the oldest are dropped', readCount, 2000)
    .option('--max-age-days <number>', 'age from which events are dropped', readCount)
    .option('--index <kind>', `search structure: ${INDEX_CHOICES.join(', ')}`, 'auto')
    .option('--max-price-age-days <number>', 'age from which prices and stock are stale', readCount)
    .option(
      '--drop-stale',
      'leave out items with a stale price or stock instead of flagging them',
      false,
    )
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'port to listen on; 0 takes a free one', readPort, 8080)
    .option('--keys <file>', `JSON file of API keys; else the variable ${KEYS_VARIABLE} holds them`)
    .option('--open', 'answer everybody without a key, from other machines too', false)
    .option('--rate <number>', 'requests a minute of a key that names no limit', readCount)
    .option('--tls-cert <file>', 'certificate chain, PEM; with --tls-key')
    .option('--tls-key <file>', 'private key, PEM')
    .option('--trust-proxy <addresses>', 'proxies whose x-forwarded-for is believed', readNames)
    .option('--notice-ms <number>', 'how long to answer on while not ready at the end', readCount)
    .option('--grace-ms <number>', 'how long requests may then take to finish', readCount)
    .action(serve)
  program
    .command('keys')
    .description('make API keys')
    .command('new')
    .description('print a new key, once, and the entry for the file of keys')
    .requiredOption('--name <name>', 'what the log calls whoever has the key')
    .requiredOption('--scopes <list>', `what the key may do: ${SCOPES.join(',')}`, readNames)
    .action(({ name, scopes }: { name: string; scopes: string[] }) => {
      const { key, entry } = createApiKey(name, scopes)
      write(`${JSON.stringify({ key, entry }, null, 2)}\n`)
    })
  return program
}

/** What the command line gives to `serve`. */
interface ServeFlags extends Pick<StartOptions, 'artifact' | 'dataset' | 'host' | 'port' | 'open'> {
  readonly store: string
  readonly namespace: string
  readonly maxEvents: number
  readonly maxAgeDays?: number
  readonly index: (typeof INDEX_CHOICES)[number]
  readonly maxPriceAgeDays?: number
  readonly dropStale: boolean
  readonly keys?: string
  readonly rate?: number
  readonly tlsCert?: string
  readonly tlsKey?: string
  readonly trustProxy?: readonly string[]
  readonly noticeMs?: number
  readonly graceMs?: number
}

const KEYS_VARIABLE = 'PERENNIAL_API_KEYS'
const SIGNALS = ['SIGTERM', 'SIGINT'] as const

async function serve(flags: ServeFlags): Promise<void> {
  const { keys, rate, tlsCert, tlsKey, ...others } = flags
  const { namespace, maxEvents, maxAgeDays, index, maxPriceAgeDays, dropStale, ...rest } = others
  const starting = new AbortController()
  const stopStart = (): void =>
    starting.abort(new RecommenderError('ABORTED', 'Stopped before the server listened.'))
  for (const name of SIGNALS) process.once(name, stopStart)
  const { app, close } = await startServer({
    ...rest,
    history: { namespace, maxEventsPerUser: maxEvents, maxAgeDays },
    model: { index, maxPriceAgeDays, dropStale },
    keys: await loadKeys(keys),
    rateLimit: rate === undefined ? undefined : { max: rate, windowMs: 60_000 },
    tls: await loadTls(tlsCert, tlsKey),
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
}

async function loadKeys(file: string | undefined): Promise<readonly ApiKeyEntry[]> {
  const text = file === undefined ? process.env[KEYS_VARIABLE] : await readFile(file, 'utf8')
  return text === undefined ? [] : readApiKeys(text)
}

async function loadTls(
  certFile: string | undefined,
  keyFile: string | undefined,
): Promise<StartOptions['tls']> {
  if (certFile === undefined && keyFile === undefined) return undefined
  if (certFile === undefined || keyFile === undefined) {
    throw new RecommenderError(
      'INVALID_OPTION',
      'Expected `--tls-cert` and `--tls-key` to be given together, got one.',
    )
  }
  return { cert: await readFile(certFile, 'utf8'), key: await readFile(keyFile, 'utf8') }
}

function writeOut(text: string): void {
  process.stdout.write(text)
}

function readPort(text: string): number {
  const port = Number(text)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new InvalidArgumentError('Expected an integer between 0 and 65535.')
}

function readCount(text: string): number {
  const count = Number(text)
  if (Number.isSafeInteger(count) && count >= 1) return count
  throw new InvalidArgumentError('Expected an integer of 1 or more.')
}

function readNames(text: string): readonly string[] {
  return text.split(',').map((name) => name.trim())
}

function fail(error: unknown): void {
  console.error(error instanceof RecommenderError ? `${error.code}: ${error.message}` : error)
  process.exitCode = 1
}
