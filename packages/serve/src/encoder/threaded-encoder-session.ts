import { Worker } from 'node:worker_threads'
import { ERROR_CODES, type ErrorCode, RecommenderError } from '@perennial/core'
import { createInbox, putInInbox, type ThreadInbox } from '../retrieval/thread-inbox.ts'
import {
  createEncoderRoom,
  type EncoderRoom,
  type EncoderSizes,
  NUM_ROOMS,
  packRun,
  type RunSizes,
  viewInputs,
  viewQueries,
} from './encoder-room.ts'
import type { EncoderInputs, EncoderSession } from './encoder-session.ts'

/** What a thread is started with. */
export interface EncoderThreadSetup {
  readonly bytes: Uint8Array
  readonly rooms: readonly EncoderRoom[]
  /** Gets each run, packed, or {@link RELEASE}. */
  readonly inbox: ThreadInbox
}

/** Tells a thread to end. */
export const RELEASE = 0

/** What the thread answers: that it is ready, how many numbers a run gave, or what went wrong. */
export type EncoderThreadAnswer =
  | { readonly usesTimes: boolean }
  | { readonly numValues: number }
  | { readonly error: { readonly code: string | null; readonly message: string } }

interface Waiting {
  readonly resolve: (answer: EncoderThreadAnswer) => void
  readonly reject: (error: unknown) => void
}

// Threads cannot run TypeScript, so when this file is source they take the compiled one.
const THREAD = import.meta.url.endsWith('.ts')
  ? '../../dist/encoder/encoder-thread.js'
  : './encoder-thread.js'

/**
 * Loads a network into a thread of its own, so that its runs do not hold the event loop. A run takes 8 histories at most.
 *
 * @throws {@link RecommenderError} `BAD_ARTIFACT` if the bytes are no network; `ENGINE_UNAVAILABLE` if the thread cannot
 * start.
 */
export async function createThreadedEncoderSession(
  bytes: Uint8Array,
  sizes: EncoderSizes,
): Promise<EncoderSession> {
  const rooms = Array.from({ length: NUM_ROOMS }, () => createEncoderRoom(sizes))
  const inbox = createInbox()
  const worker = new Worker(new URL(THREAD, import.meta.url), {
    workerData: { bytes, rooms, inbox } satisfies EncoderThreadSetup,
    // Flags of the process may send its imports to sources that a thread cannot run.
    execArgv: [],
  })
  const waiting: Waiting[] = []
  let failure: RecommenderError | undefined
  let isReleased = false
  const fail = (cause: unknown): void => {
    if (isReleased) return
    failure ??= new RecommenderError(
      'ENGINE_UNAVAILABLE',
      `Expected the thread of the network to run, got: ${cause instanceof Error ? cause.message : String(cause)}. Load the artifact again.`,
      { cause },
    )
    for (const { reject } of waiting.splice(0)) reject(failure)
  }
  worker.on('message', (answer: EncoderThreadAnswer) => {
    const next = waiting.shift()
    if (waiting.length === 0) worker.unref()
    if ('error' in answer) next?.reject(toError(answer.error))
    else next?.resolve(answer)
  })
  worker.on('error', fail)
  worker.on('exit', () => fail('it ended'))

  // Answers come in the order of what was asked.
  const waitForAnswer = (): Promise<EncoderThreadAnswer> =>
    new Promise((resolve, reject) => {
      if (failure !== undefined) {
        reject(failure)
        return
      }
      waiting.push({ resolve, reject })
      // The process ends only when nobody waits.
      worker.ref()
    })

  const ready = await waitForAnswer().catch(async (error: unknown) => {
    await worker.terminate()
    throw error
  })
  const usesTimes = 'usesTimes' in ready && ready.usesTimes
  const freeRooms = [...rooms.keys()]
  const waitingForRoom: ((roomNumber: number) => void)[] = []
  const underWay = new Set<Promise<unknown>>()

  const takeRoom = async (): Promise<number> =>
    freeRooms.pop() ?? new Promise((resolve) => waitingForRoom.push(resolve))
  const giveRoom = (roomNumber: number): void => {
    const next = waitingForRoom.shift()
    if (next === undefined) freeRooms.push(roomNumber)
    else next(roomNumber)
  }

  const runInRoom = async (
    sizes: RunSizes,
    fill: (inputs: EncoderInputs) => void,
    roomNumber: number,
  ): Promise<Float32Array> => {
    const { numRows } = sizes
    const room = rooms[roomNumber] as EncoderRoom
    const inputs = viewInputs(room, sizes, usesTimes)
    inputs.vectors.fill(0)
    inputs.eventSeconds.fill(0n)
    fill(inputs)
    const answer = waitForAnswer()
    putInInbox(inbox, packRun(sizes, roomNumber))
    const result = await answer
    const numValues = 'numValues' in result ? result.numValues : 0
    return numValues === numRows * room.dim
      ? viewQueries(room, numRows).slice()
      : new Float32Array(numValues)
  }

  return {
    usesTimes,
    numRunsAtOnce: NUM_ROOMS,
    run: async (runSizes, fill) => {
      const roomNumber = await takeRoom()
      const run = runInRoom(runSizes, fill, roomNumber).finally(() => giveRoom(roomNumber))
      underWay.add(run)
      const forget = (): boolean => underWay.delete(run)
      run.then(forget, forget)
      return run
    },
    release: async () => {
      await Promise.allSettled(underWay)
      if (failure !== undefined || isReleased) return
      isReleased = true
      const ended = new Promise<void>((resolve) => {
        worker.once('exit', () => resolve())
      })
      worker.ref()
      putInInbox(inbox, RELEASE)
      await ended
    },
  }
}

function toError({
  code,
  message,
}: {
  readonly code: string | null
  readonly message: string
}): Error {
  const known = ERROR_CODES.find((one): one is ErrorCode => one === code)
  return known === undefined ? new Error(message) : new RecommenderError(known, message)
}
