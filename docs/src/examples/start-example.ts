import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** Where and how an example runs. */
export interface ExampleOptions {
  /** Variables of its environment beside those of this process. */
  readonly env: Readonly<Record<string, string>>
  /** Folder to run in. @defaultValue that of this process */
  readonly cwd?: string | undefined
  /** What it reads from stdin. @defaultValue nothing */
  readonly input?: string | undefined
}

/** A server of an example that runs as a process of its own. */
export interface RunningExample {
  /** For example `http://127.0.0.1:3000`. */
  readonly url: string
  /** Sends SIGTERM and returns the exit status, `null` where the signal ended it. */
  stop(): Promise<number | null>
}

/** How an example ended. */
export interface EndedExample {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/**
 * Starts a server with Node and waits until it says where it listens.
 *
 * @param args - The script and its arguments.
 * @throws Error with what it said, when it ends before that.
 */
export async function startExample(
  args: readonly string[],
  options: ExampleOptions,
): Promise<RunningExample> {
  const { child, ended, said } = spawnExample(args, options)
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', () => {
      const found = /http:\/\/(?:[\d.]+|localhost):\d+/.exec(said.stdout)?.[0]
      if (found !== undefined) resolve(found)
    })
    ended.then(({ code, stdout, stderr }) => {
      reject(new Error(`Expected an address, got exit status ${code}: ${stdout}${stderr}`))
    }, reject)
  })
  return {
    url,
    stop: async () => {
      child.kill('SIGTERM')
      return (await ended).code
    },
  }
}

/** Runs a script with Node to its end. */
export async function runExample(
  args: readonly string[],
  options: ExampleOptions,
): Promise<EndedExample> {
  return spawnExample(args, options).ended
}

function spawnExample(args: readonly string[], { env, cwd, input = '' }: ExampleOptions) {
  const child = spawn(process.execPath, args, { cwd, env: { ...process.env, ...env } })
  const said = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk) => {
    said.stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    said.stderr += chunk
  })
  child.stdin.end(input)
  const ended = once(child, 'close').then(([code]): EndedExample => ({ code, ...said }))
  return { child, ended, said }
}
