import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Message, SentMessage, ThreadSetup } from './jobs.ts'
import { compileKernels } from './kernels.ts'
import { createSharedMemory, type SharedMemory } from './shared-memory.ts'

/** Threads over one shared memory. */
export interface ThreadPool {
  readonly memory: SharedMemory
  readonly numThreads: number
  /** Build of the kernels. */
  readonly build: string
  /** Tells all threads something that has no answer. */
  tell(message: Message): void
  /** Has all threads do their share of a job and returns the sum of their losses. Jobs must not overlap. */
  run(message: Message): Promise<number>
  close(): Promise<void>
}

interface Pending {
  answers: number
  readonly loss: number[]
  resolve(sum: number): void
  reject(error: unknown): void
}

// Threads cannot run TypeScript, so when this file is source they take the compiled one.
const THREAD = import.meta.url.endsWith('.ts')
  ? '../../../dist/engine/wasm/thread.js'
  : './thread.js'

/** Starts threads. They keep the process alive only while they work. */
export async function createThreadPool(numThreads: number): Promise<ThreadPool> {
  const { module, build } = await compileKernels()
  const memory = createSharedMemory()
  const barrier = memory.allocate(64)
  const threads = Array.from({ length: numThreads }, (_, thread) => {
    const workerData: ThreadSetup = { memory: memory.memory, module, barrier, thread, numThreads }
    const worker = new Worker(new URL(THREAD, import.meta.url), { workerData })
    return worker
  })
  // A thread that starts while the memory grows may not learn of it, so nothing grows before all are there.
  await Promise.all(threads.map((worker) => once(worker, 'message')))
  for (const worker of threads) worker.unref()
  let pending: Pending | undefined
  // A thread that failed leaves the others at the barrier, so nothing can be run after it.
  let failure: unknown
  const settle = (): void => {
    pending = undefined
    for (const worker of threads) worker.unref()
  }
  threads.forEach((worker, thread) => {
    worker.on('message', ({ loss }: { loss: number }) => {
      if (pending === undefined) return
      pending.loss[thread] = loss
      if (++pending.answers < numThreads) return
      const { resolve, loss: parts } = pending
      settle()
      resolve(parts.reduce((sum, part) => sum + part, 0))
    })
    worker.on('error', (error) => {
      failure = error
      const reject = pending?.reject
      settle()
      reject?.(error)
    })
  })
  const send = (worker: Worker, message: Message): void => {
    const sent: SentMessage = { ...message, memoryBytes: memory.memory.buffer.byteLength }
    worker.postMessage(sent)
  }
  return {
    memory,
    numThreads,
    build,
    tell: (message) => {
      for (const worker of threads) send(worker, message)
    },
    run: (message) =>
      new Promise((resolve, reject) => {
        if (failure !== undefined) throw failure
        if (pending !== undefined) throw new Error('internal: jobs of a thread pool overlap')
        pending = { answers: 0, loss: [], resolve, reject }
        for (const worker of threads) {
          worker.ref()
          send(worker, message)
        }
      }),
    close: async () => {
      await Promise.all(threads.map((worker) => worker.terminate()))
    },
  }
}
