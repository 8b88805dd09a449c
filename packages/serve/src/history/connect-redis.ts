import { checkInteger, RecommenderError } from '@perennial/core'
import { Redis } from 'ioredis'

/** Options of {@link connectRedis}. */
export interface RedisConnectionOptions {
  /** For example `redis://127.0.0.1:6379/0`; `rediss:` for TLS. `valkey:` and `valkeys:` mean the same two. */
  readonly url: string
  /** Longest time to connect, and that one command may take, in milliseconds, 1 or more. @defaultValue 2,000 */
  readonly commandTimeoutMs?: number | undefined
}

/** A connection to Redis or Valkey that comes back by itself. */
export interface RedisConnection {
  readonly redis: Redis
  /** Runs commands; an error of theirs becomes `STORE_UNAVAILABLE`. */
  run<T>(commands: () => Promise<T>): Promise<T>
}

/**
 * Connects to a server.
 *
 * A command whose connection breaks fails and is not sent again, since it may have been carried out.
 *
 * @throws {@link RecommenderError} `INVALID_OPTION`, or `STORE_UNAVAILABLE` if the server does not answer in time.
 */
export async function connectRedis({
  url,
  commandTimeoutMs = 2_000,
}: RedisConnectionOptions): Promise<RedisConnection> {
  checkInteger('commandTimeoutMs', commandTimeoutMs, 1)
  const { address, name } = readAddress(url)
  const redis = new Redis(address, {
    lazyConnect: true,
    connectTimeout: commandTimeoutMs,
    commandTimeout: commandTimeoutMs,
    maxRetriesPerRequest: 1,
    autoResendUnfulfilledCommands: false,
  })
  // Without a listener an unreachable server would end the process; commands fail with this as the reason.
  let lastError: Error | undefined
  redis.on('error', (error: Error) => {
    lastError = error
  })
  redis.on('ready', () => {
    lastError = undefined
  })

  async function run<T>(commands: () => Promise<T>): Promise<T> {
    try {
      return await commands()
    } catch (error) {
      if (error instanceof RecommenderError) throw error
      const reason = lastError?.message || (error as Error).message
      throw new RecommenderError(
        'STORE_UNAVAILABLE',
        `Expected Redis at ${name} to carry out a command, got: ${reason}. Is it running, and is the address right?`,
        { cause: error },
      )
    }
  }

  try {
    await run(() => redis.connect())
  } catch (error) {
    redis.disconnect()
    throw error
  }
  return { redis, run }
}

/** The name leaves out the password. */
function readAddress(url: string): { readonly address: string; readonly name: string } {
  const address = url.replace(/^valkey(s?):/, 'redis$1:')
  if (!/^rediss?:\/\//.test(address) || !URL.canParse(address)) {
    throw new RecommenderError(
      'INVALID_OPTION',
      'Expected `url` to be an address such as redis://127.0.0.1:6379, got another text.',
    )
  }
  return { address, name: new URL(address).host }
}
