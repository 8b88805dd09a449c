import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { RecommenderError } from '@perennial/core'
import type { ComparedEngine } from './settings.ts'

/** What an engine's process answers to `{"run": k}`; arrays have one value a step. */
export interface EngineAnswer {
  readonly stepMs: readonly number[]
  /** Mean over tokens before the step, in nats. */
  readonly losses: readonly number[]
  /** Making the batch from the packed one, which is not part of a step; our engines only. */
  readonly prepareMs?: readonly number[]
  readonly peakBytes: number
}

/** An engine in a process of its own, which waits while it is not asked. */
export interface RunningEngine {
  /** Library and version in its own words. */
  readonly version: string
  /** Takes the next `numSteps` of the task's batches, from the first again when they end. */
  run(numSteps: number): Promise<EngineAnswer>
  /** Ends the process. */
  close(): Promise<void>
}

/** Options of {@link startEngine}. */
export interface StartEngineOptions {
  /** Folder that `writeTask` filled. */
  readonly taskFolder: string
  readonly numThreads: number
  /** Python with PyTorch, for the peers. @defaultValue 'python3' */
  readonly python?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Starts the process of an engine and waits until it is ready. Needs the built benchmarks.
 *
 * @throws {@link RecommenderError} `ENGINE_UNAVAILABLE` with the process's own words if it ends, then or later.
 */
export async function startEngine(
  name: ComparedEngine,
  { taskFolder, numThreads, python = 'python3', signal }: StartEngineOptions,
): Promise<RunningEngine> {
  const { command, script } = commandOf(name, python)
  const threads = String(numThreads)
  const child = spawn(command, [...script, name, taskFolder], {
    signal,
    env: { ...process.env, TF_NUM_INTRAOP_THREADS: threads, TF_NUM_INTEROP_THREADS: threads },
  })
  const lines = readAnswers(child, { name, signal })
  const { ready } = (await lines.next()) as { ready: string }
  return {
    version: ready,
    run: async (numSteps) => {
      child.stdin.write(`${JSON.stringify({ run: numSteps })}\n`)
      return (await lines.next()) as EngineAnswer
    },
    close: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = new Promise((resolve) => child.once('close', resolve))
      child.stdin.end()
      await ended
    },
  }
}

function commandOf(
  name: ComparedEngine,
  python: string,
): { readonly command: string; readonly script: readonly string[] } {
  if (name === 'plain' || name === 'tuned') {
    // From `src`, since the compiler copies no Python.
    const script = new URL('../../src/training/peers/torch_sasrec.py', import.meta.url)
    return { command: python, script: ['-W', 'ignore', fileURLToPath(script)] }
  }
  const script = fileURLToPath(new URL('./engine-process.js', import.meta.url))
  return { command: process.execPath, script: [script] }
}

/** Reads one JSON value a line; what the process wrote on standard error becomes the error when it ends. */
function readAnswers(
  child: ChildProcessWithoutNullStreams,
  { name, signal }: { readonly name: string; readonly signal: AbortSignal | undefined },
): { next(): Promise<unknown> } {
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-4000)
  })
  const failed = new Promise<never>((_, reject) => {
    const fail = (why: string): void =>
      reject(signal?.reason ?? new RecommenderError('ENGINE_UNAVAILABLE', `${name}: ${why}`))
    child.once('error', (error) => fail(error.message))
    child.once('close', (code) => fail(errorLine(complaint) || `ended with code ${code}`))
  })
  // Nobody listens between two questions.
  failed.catch(() => {})
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    next: async () => {
      const line = await Promise.race([lines.next(), failed])
      return line.done === true ? failed : JSON.parse(line.value)
    },
  }
}

/** Returns the line that names the error, or the last ones. */
function errorLine(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  return lines.find((line) => /^[\w.]*Error\b.*: /.test(line)) ?? lines.slice(-3).join(' ')
}
