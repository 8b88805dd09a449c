import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

/** A server of Redis for tests. */
export interface RedisServer {
  readonly url: string
  /** The process, unless the server was there before. */
  readonly process?: ChildProcess | undefined
  stop(): Promise<void>
}

/** What is said where no server can be had. */
export const NO_REDIS = 'left out: no redis-server in PATH, and PERENNIAL_REDIS_URL is not set'

/** Tells whether {@link startRedis} has a server to give. */
export function hasRedis(): boolean {
  return process.env.PERENNIAL_REDIS_URL !== undefined || hasOwnRedis()
}

/** Tells whether {@link startOwnRedis} finds a server to start. */
export function hasOwnRedis(): boolean {
  return findServer() !== undefined
}

/** Starts a server on a free loopback port, in a folder of its own, that writes no files; or gives that of `PERENNIAL_REDIS_URL`. */
export async function startRedis(): Promise<RedisServer> {
  const given = process.env.PERENNIAL_REDIS_URL
  return given === undefined ? startOwnRedis() : { url: given, stop: async () => {} }
}

/** Starts a server of the caller's own, which he may stop and kill. */
export async function startOwnRedis(): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'perennial-redis-'))
  const port = await findFreePort()
  const options = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--dir', folder]
  const server = spawn(findServer() ?? 'redis-server', options, {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  for await (const chunk of server.stdout) {
    if (String(chunk).includes('Ready to accept connections')) break
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    process: server,
    stop: async () => {
      if (server.exitCode !== null || server.signalCode !== null) return
      server.kill('SIGKILL')
      await once(server, 'exit')
      await rm(folder, { recursive: true })
    },
  }
}

function findServer(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return folders
    .flatMap((folder) => [join(folder, 'redis-server'), join(folder, 'valkey-server')])
    .find((path) => existsSync(path))
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('internal: no port')
  return address.port
}
