import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** Options of {@link runAlone}. */
export interface RunAloneOptions {
  readonly args: readonly string[]
  readonly signal?: AbortSignal | undefined
}

/**
 * Runs a script in a fresh process, where no memory that was freed before is used again, and returns the JSON
 * that it prints. A script of the benchmarks needs them built.
 */
export async function runAlone<T>(script: URL, { args, signal }: RunAloneOptions): Promise<T> {
  const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(script), ...args], {
    signal,
    maxBuffer: 2 ** 26,
    // glibc would keep freed buffers for what comes next; this makes it give them back.
    env: { ...process.env, MALLOC_MMAP_THRESHOLD_: '131072' },
  }).catch((error: unknown) => {
    // The reason of the signal says more than the error of the process that it ended.
    signal?.throwIfAborted()
    throw error
  })
  return JSON.parse(stdout) as T
}
