import { parentPort, workerData } from 'node:worker_threads'
import { RecommenderError } from '@perennial/core'
import { countTaken, takeFromInbox } from '../retrieval/thread-inbox.ts'
import { type EncoderRoom, MAX_ROWS, unpackRun, viewInputs, viewQueries } from './encoder-room.ts'
import { loadNetwork, runNetwork, usesTimes } from './encoder-session.ts'
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
  const session = await loadNetwork(bytes)
  const hasTimes = usesTimes(session)
  const [{ dim, maxLength }] = rooms as readonly [EncoderRoom, ...EncoderRoom[]]
  // The runtime takes no shared memory. Copies go into one place: new ones would keep the garbage collector busy.
  const vectors = new Float32Array(MAX_ROWS * maxLength * dim)
  const eventSeconds = new BigInt64Array(MAX_ROWS * maxLength)
  answer({ usesTimes: hasTimes })
  for (let taken = 0; ; taken = countTaken(taken)) {
    const packed = takeFromInbox(inbox, taken)
    if (packed === RELEASE) break
    const run = unpackRun(packed)
    const room = rooms[run.roomNumber] as EncoderRoom
    const inputs = viewInputs(room, run, hasTimes)
    vectors.set(inputs.vectors)
    eventSeconds.set(inputs.eventSeconds)
    try {
      const queries = await runNetwork(
        session,
        {
          vectors: vectors.subarray(0, inputs.vectors.length),
          eventSeconds: eventSeconds.subarray(0, inputs.eventSeconds.length),
          lengths: inputs.lengths.slice(),
          askedSeconds: inputs.askedSeconds.slice(),
        },
        { ...run, dim },
      )
      const place = viewQueries(room, run.numRows)
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
