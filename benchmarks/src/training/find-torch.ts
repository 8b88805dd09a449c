import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** A Python with PyTorch, or why there is none. */
export type FoundTorch =
  | { readonly python: string; readonly version: string }
  | { readonly skipped: string }

/** Options of {@link findTorch}. */
export interface FindTorchOptions {
  /** Folder of a virtual environment that is used, or made, when `python` has no PyTorch. */
  readonly environmentFolder: string
  readonly signal?: AbortSignal | undefined
  readonly onStage?: ((text: string) => void) | undefined
}

/** Returns a Python that imports `torch`: `python` itself, else a virtual environment into which pip installs it. */
export async function findTorch(
  python: string,
  { environmentFolder, signal, onStage }: FindTorchOptions,
): Promise<FoundTorch> {
  const run = async (command: string, ...args: string[]): Promise<string> =>
    (await promisify(execFile)(command, args, { signal, maxBuffer: 2 ** 26 })).stdout.trim()
  const readVersion = (command: string): Promise<string> =>
    run(command, '-W', 'ignore', '-c', 'import torch; print(torch.__version__)')
  const own = join(environmentFolder, 'bin', 'python')
  for (const candidate of existsSync(own) ? [python, own] : [python]) {
    const version = await readVersion(candidate).catch(() => undefined)
    signal?.throwIfAborted()
    if (version !== undefined) return { python: candidate, version }
  }
  try {
    onStage?.(`Installing PyTorch in ${environmentFolder}; this takes minutes, once`)
    await run(python, '-m', 'venv', environmentFolder)
    await run(own, '-m', 'pip', 'install', '--quiet', 'torch')
    return { python: own, version: await readVersion(own) }
  } catch (error) {
    signal?.throwIfAborted()
    const { stderr = '', message } = error as Error & { stderr?: string }
    const why = stderr.trim().split('\n').at(-1) || message.trim()
    return { skipped: `'${python}' has no PyTorch and pip could not install it: ${why}` }
  }
}
