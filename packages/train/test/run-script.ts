import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** What a process came to. */
export interface Outcome {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Options of {@link runScript}. */
export interface RunScriptOptions {
  readonly cwd: string
  /** @defaultValue 'SIGINT' */
  readonly signal?: 'SIGINT' | 'SIGTERM' | undefined
  /** Text on stderr at which the process gets the signal. @defaultValue none */
  readonly at?: string | undefined
}

/** Runs a script in a process of its own, without colours, and stops it with a signal once stderr holds a text. */
export async function runScript(
  script: string,
  args: readonly string[],
  { cwd, signal = 'SIGINT', at }: RunScriptOptions,
): Promise<Outcome> {
  const child = spawn(process.execPath, [script, ...args], {
    cwd,
    env: { ...process.env, FORCE_COLOR: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  let asked = false
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk
    if (at === undefined || asked || !stderr.includes(at)) return
    asked = child.kill(signal)
  })
  await once(child, 'close')
  return { exitCode: child.exitCode, stdout, stderr }
}
