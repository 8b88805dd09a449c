import { parentPort, workerData } from 'node:worker_threads'
import { RecommenderError } from '@perennial/core'
import { countTaken, takeFromInbox } from '../retrieval/thread-inbox.ts'
import { type EncoderRoom, unpackRun, viewInputs, viewQueries } from './encoder-room.ts'
import { createEncoderSession } from './encoder-session.ts'
import {
  type EncoderThreadAnswer,
  type EncoderThreadSetup,
  RELEASE,
} from './threaded-encoder-session.ts'

// Runs a network beside the event loop, over memory that both sides see.

const { bytes, rooms, inbox } = workerData as EncoderThreadSetup

const answer = (message: EncoderThreadAnswer): void => parentPort?.postMessage(message)

const describe = (error: unknown): EncoderThreadAnswer => ({
  error: {
    code: error instanceof RecommenderError ? error.code : null,
    message: error instanceof Error ? error.message : String(error),
  },
})

try {
  const session = await createEncoderSession(bytes)
  answer({ usesTimes: session.usesTimes })
  for (let taken = 0; ; taken = countTaken(taken)) {
    const packed = takeFromInbox(inbox, taken)
    if (packed === RELEASE) break
    const sizes = unpackRun(packed)
    const room = rooms[sizes.roomNumber] as EncoderRoom
    const { vectors, lengths, eventSeconds, askedSeconds, dim } = viewInputs(room, sizes)
    try {
      // The runtime takes no shared memory.
      const queries = await session.run({
        dim,
        vectors: vectors.slice(),
        lengths: lengths.slice(),
        eventSeconds: eventSeconds.slice(),
        askedSeconds: askedSeconds.slice(),
      })
      const place = viewQueries(room, sizes.numRows)
      if (queries.length === place.length) place.set(queries)
      answer({ numValues: queries.length })
    } catch (error) {
      answer(describe(error))
    }
  }
  await session.release()
} catch (error) {
  answer(describe(error))
}
