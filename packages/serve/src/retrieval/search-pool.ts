import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { RecommenderError } from '@perennial/core'
import type { JobPart } from './search-job.ts'
import { createInbox, putInInbox, type ThreadInbox } from './thread-inbox.ts'

/** What a thread is started with. */
export interface SearchThreadSetup {
  readonly memory: WebAssembly.Memory
  readonly module: WebAssembly.Module
  readonly thread: number
  /** Gets the addresses of jobs. */
  readonly inbox: ThreadInbox
}

/** Who is told of a job. */
export interface JobListener {
  /** All chunks are scanned; parts are those of threads that scanned some. */
  onDone(parts: readonly JobPart[]): void
  /** No thread looks at the job's memory any more. */
  onFree(): void
  onError(error: RecommenderError): void
}

/** A job, as it is handed to threads. */
export interface SubmittedJob extends JobListener {
  /** Its address in the shared memory; no other job under way has it. */
  readonly job: number
  readonly numChunks: number
}

/** Threads that scan over one shared memory. */
export interface SearchPool {
  readonly numThreads: number
  /** Has the threads that have nothing to do, or the one with the least, do a job. */
  submit(job: SubmittedJob): void
  /** Ends the threads; jobs under way get `INDEX_UNAVAILABLE`. */
  close(): Promise<void>
}

/** Options of {@link createSearchPool}. */
export interface SearchPoolOptions extends Pick<SearchThreadSetup, 'memory' | 'module'> {
  readonly numThreads: number
  /** Called once if a thread ends by itself; the pool can do nothing more then. */
  readonly onFailure: () => void
}

interface JobUnderWay extends SubmittedJob {
  readonly parts: JobPart[]
  chunksLeft: number
  threadsLeft: number
}

// Threads cannot run TypeScript, so when this file is source they take the compiled one.
const THREAD = import.meta.url.endsWith('.ts')
  ? '../../dist/retrieval/search-thread.js'
  : './search-thread.js'

/** Starts threads. They keep the process alive only while they work. */
export async function createSearchPool({
  memory,
  module,
  numThreads,
  onFailure,
}: SearchPoolOptions): Promise<SearchPool> {
  const inboxes = Array.from({ length: numThreads }, createInbox)
  const workers = inboxes.map((inbox, thread) => {
    const workerData: SearchThreadSetup = { memory, module, thread, inbox }
    return new Worker(new URL(THREAD, import.meta.url), { workerData })
  })
  const terminate = async (): Promise<void> => {
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
  try {
    await Promise.all(workers.map((worker) => once(worker, 'message')))
  } catch (cause) {
    await terminate()
    throw new RecommenderError('INDEX_UNAVAILABLE', 'Expected search threads to start.', { cause })
  }
  const load = new Int32Array(numThreads)
  const jobs = new Map<number, JobUnderWay>()
  let failure: RecommenderError | undefined

  const fail = (error: RecommenderError): void => {
    if (failure !== undefined) return
    failure = error
    for (const job of jobs.values()) job.onError(error)
    jobs.clear()
  }

  const receive = (thread: number, [address, numChunks, count]: [number, number, number]): void => {
    setLoad(thread, -1)
    const job = jobs.get(address)
    if (job === undefined) return
    if (numChunks > 0) job.parts.push({ part: thread, numChunks, count })
    job.chunksLeft -= numChunks
    job.threadsLeft--
    if (numChunks > 0 && job.chunksLeft === 0) job.onDone(job.parts)
    if (job.threadsLeft > 0) return
    jobs.delete(address)
    job.onFree()
  }

  const setLoad = (thread: number, change: 1 | -1): void => {
    const worker = workers[thread] as Worker
    load[thread] = (load[thread] as number) + change
    if (load[thread] === 0) worker.unref()
    else worker.ref()
  }

  workers.forEach((worker, thread) => {
    worker.unref()
    worker.on('message', (answer: [number, number, number]) => receive(thread, answer))
    const lose = (cause: unknown): void => {
      if (failure !== undefined) return
      const message =
        'Expected a search thread to go on, but it failed; the next search starts new ones.'
      fail(new RecommenderError('INDEX_UNAVAILABLE', message, { cause }))
      // Until none of them can touch the memory, searches are refused.
      terminate().then(onFailure, onFailure)
    }
    worker.on('error', lose)
    worker.on('exit', (exitCode) => lose(new Error(`exit code ${exitCode}`)))
  })

  return {
    numThreads,
    submit(job) {
      if (failure !== undefined) {
        job.onError(failure)
        return
      }
      const threads = chooseThreads(load, job.numChunks)
      jobs.set(job.job, {
        ...job,
        parts: [],
        chunksLeft: job.numChunks,
        threadsLeft: threads.length,
      })
      for (const thread of threads) {
        setLoad(thread, 1)
        putInInbox(inboxes[thread] as ThreadInbox, job.job)
      }
    },
    async close() {
      fail(
        new RecommenderError(
          'INDEX_UNAVAILABLE',
          'Expected an open index, got one that is closed.',
        ),
      )
      await terminate()
    },
  }
}

/** Returns the idle threads, up to `most`, or the one that has the least to do. */
function chooseThreads(load: Int32Array, most: number): number[] {
  const idle: number[] = []
  let least = 0
  load.forEach((jobs, thread) => {
    if (jobs === 0 && idle.length < most) idle.push(thread)
    if (jobs < (load[least] as number)) least = thread
  })
  return idle.length > 0 ? idle : [least]
}
