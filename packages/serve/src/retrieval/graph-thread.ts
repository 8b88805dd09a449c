import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { RecommenderError, type SearchResult } from '@perennial/core'
import type { GraphChange, HnswAnswer, HnswRequest, HnswThreadSetup } from './hnsw-messages.ts'
import type { GraphSearch } from './search-graph.ts'

/** A running thread that owns a graph. */
export interface GraphThread {
  readonly numPending: number
  search(search: GraphSearch): Promise<SearchResult>
  /** Tells of an item set or removed; later searches know it. */
  tell(change: GraphChange): void
  /** Ends the thread once the searches under way are answered. */
  retire(): void
  /** Ends the thread; searches under way are rejected with `INDEX_UNAVAILABLE`. */
  close(): Promise<void>
}

/** Options of {@link startGraphThread}. */
export interface GraphThreadOptions {
  readonly setup: Omit<HnswThreadSetup, 'stop'>
  /** Ends the thread while it builds. */
  readonly signal?: AbortSignal | undefined
  /** Called once if the thread ends by itself. */
  readonly onFailure: (error: unknown) => void
}

interface Pending {
  resolve(result: SearchResult): void
  reject(error: unknown): void
}

// Threads cannot run TypeScript, so when this file is source they take the compiled one.
const THREAD = import.meta.url.endsWith('.ts')
  ? '../../dist/retrieval/hnsw-thread.js'
  : './hnsw-thread.js'

/**
 * Starts a thread and waits until its graph is built or loaded.
 *
 * The thread keeps the process alive only while it builds or searches.
 */
export async function startGraphThread({
  setup,
  signal,
  onFailure,
}: GraphThreadOptions): Promise<GraphThread> {
  signal?.throwIfAborted()
  const stop = new Int32Array(new SharedArrayBuffer(4))
  const workerData: HnswThreadSetup = { ...setup, stop }
  const worker = new Worker(new URL(THREAD, import.meta.url), { workerData })
  const hasEnded = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  const send = (request: HnswRequest): void => worker.postMessage(request)
  const endWorker = (): Promise<void> => {
    worker.ref()
    Atomics.store(stop, 0, 1)
    send({ type: 'stop' })
    return hasEnded
  }
  try {
    await once(worker, 'message', signal && { signal })
  } catch (cause) {
    await endWorker()
    signal?.throwIfAborted()
    throw new RecommenderError('INDEX_UNAVAILABLE', 'Expected the graph to be built.', { cause })
  }
  worker.unref()
  const pending = new Map<number, Pending>()
  let nextId = 0
  let isRetired = false
  let failure: RecommenderError | undefined

  const fail = (message: string, cause?: unknown): void => {
    if (failure !== undefined) return
    failure = new RecommenderError('INDEX_UNAVAILABLE', message, { cause })
    for (const { reject } of pending.values()) reject(failure)
    pending.clear()
  }
  const lose = (cause: unknown): void => {
    if (failure !== undefined) return
    fail(
      'Expected the thread of the graph to go on, but it failed; the graph is being built anew.',
      cause,
    )
    onFailure(cause)
  }
  worker.on('error', lose)
  worker.on('exit', (exitCode) => lose(new Error(`exit code ${exitCode}`)))
  worker.on('message', ({ id, itemRows, scores }: HnswAnswer) => {
    pending.get(id)?.resolve({ itemRows, scores })
    pending.delete(id)
    if (pending.size > 0) return
    worker.unref()
    if (isRetired) void end()
  })
  const end = (): Promise<void> => {
    fail('Expected an open index, got one that is closed.')
    return endWorker()
  }

  return {
    get numPending() {
      return pending.size
    },
    search: (search) =>
      new Promise((resolve, reject) => {
        if (failure !== undefined) throw failure
        worker.ref()
        const id = nextId++
        pending.set(id, { resolve, reject })
        send({ type: 'search', id, ...search })
      }),
    tell: send,
    retire() {
      isRetired = true
      if (pending.size === 0) void end()
    },
    async close() {
      await end()
    },
  }
}
