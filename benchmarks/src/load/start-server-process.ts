import { type ChildProcess, spawn } from 'node:child_process'
import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { RecommenderError } from '@perennial/core'

const SERVE_BIN = fileURLToPath(
  new URL('../../../packages/serve/bin/perennial-serve.js', import.meta.url),
)
const POLL_MS = 5
const STOP_MS = 15_000

/** A server in a process of its own. */
export interface ServerProcess {
  readonly pid: number
  /** For example `http://127.0.0.1:34567`. */
  readonly url: string
  /** From the start of the process to its first answer that it is ready, in milliseconds. */
  readonly startMs: number
  /** Asks the process to end, and ends it by force after 15 seconds. */
  stop(): Promise<void>
}

/** Options of {@link startServerProcess}. */
export interface ServerProcessOptions {
  readonly artifactFolder: string
  /** Folder of the store in lmdb. */
  readonly storeFolder: string
  /** Folder that gets the log. */
  readonly folder: string
  /** Script that takes the command line of `perennial-serve`. @defaultValue that of the serve package */
  readonly bin?: string | undefined
  /** Most time until the server is ready. @defaultValue 300000 */
  readonly startTimeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Starts `perennial-serve` on a free loopback port, as a user does, and waits until it is ready. Needs the built packages.
 *
 * The log is written to a file, since reading it through a pipe would cost this process time.
 *
 * @throws {@link RecommenderError} `ENGINE_UNAVAILABLE` with the end of the log if the process ends or is not ready in time.
 */
export async function startServerProcess({
  artifactFolder,
  storeFolder,
  folder,
  bin = SERVE_BIN,
  startTimeoutMs = 300_000,
  signal,
}: ServerProcessOptions): Promise<ServerProcess> {
  const logPath = join(folder, 'server.log')
  const log = await open(logPath, 'w')
  const args = [bin, '--artifact', artifactFolder, '--store', storeFolder, '--port', '0']
  const startMs = performance.now()
  const child = spawn(process.execPath, args, { stdio: ['ignore', log.fd, log.fd] })
  await log.close()
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve())
    child.once('error', () => resolve())
  })
  try {
    for (;;) {
      signal?.throwIfAborted()
      const url = await readReadyUrl(logPath)
      const elapsedMs = performance.now() - startMs
      if (url !== undefined) {
        const pid = child.pid as number
        return { pid, url, startMs: elapsedMs, stop: () => stopProcess(child, ended) }
      }
      if (child.exitCode !== null || child.pid === undefined || elapsedMs > startTimeoutMs) {
        throw await describeFailure(logPath)
      }
      await sleep(POLL_MS)
    }
  } catch (error) {
    await stopProcess(child, ended)
    throw error
  }
}

/** Returns the address once the log names one and it says that it is ready. */
async function readReadyUrl(logPath: string): Promise<string | undefined> {
  const url = /Server listening at (http:\/\/[\w.:[\]]+)/.exec(await readFile(logPath, 'utf8'))?.[1]
  if (url === undefined) return undefined
  const response = await fetch(`${url}/readyz`)
  await response.arrayBuffer()
  return response.ok ? url : undefined
}

async function describeFailure(logPath: string): Promise<RecommenderError> {
  const log = (await readFile(logPath, 'utf8')).slice(-2000).trim()
  return new RecommenderError(
    'ENGINE_UNAVAILABLE',
    `The server did not start. Its log ends:\n${log}`,
  )
}

async function stopProcess(child: ChildProcess, ended: Promise<void>): Promise<void> {
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
  await ended
  clearTimeout(timer)
}
