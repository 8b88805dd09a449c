import { once } from 'node:events'
import { createInterface } from 'node:readline'
// #region plain-node
import { Recommender, RecommenderError, type UserEvent } from '@perennial/serve'

/** Reads purchases as JSON lines from stdin; writes a list for each of their users to stdout. */
async function recommendToBuyers(artifact: string, signal: AbortSignal): Promise<void> {
  const recommender = await Recommender.load(artifact, { signal })
  try {
    const userIds = new Set<string>()
    for await (const events of readBatches()) {
      await recommender.recordEvents(events)
      for (const { userId } of events) userIds.add(userId)
    }
    const requests = [...userIds].map((userId) => ({ userId, k: 5, explain: false }))
    const responses = await recommender.recommendBatch(requests, { signal })
    for (const [i, { items }] of responses.entries()) {
      const itemIds = items.map(({ itemId }) => itemId)
      await writeLine({ userId: requests[i]?.userId, itemIds })
    }
  } finally {
    await recommender.close()
  }
}
// #endregion

/** As many as `recordEvents` takes at once. */
const BATCH_SIZE = 1000

async function* readBatches(): AsyncGenerator<UserEvent[]> {
  let batch: UserEvent[] = []
  for await (const line of createInterface({ input: process.stdin })) {
    batch.push(JSON.parse(line))
    if (batch.length < BATCH_SIZE) continue
    yield batch
    batch = []
  }
  yield batch
}

async function writeLine(value: unknown): Promise<void> {
  if (!process.stdout.write(`${JSON.stringify(value)}\n`)) await once(process.stdout, 'drain')
}

const stop = new AbortController()
process.once('SIGTERM', () => stop.abort())
process.once('SIGINT', () => stop.abort())
try {
  await recommendToBuyers(process.env.PERENNIAL_ARTIFACT ?? 'artifact', stop.signal)
} catch (error) {
  const text = error instanceof RecommenderError ? `${error.code}: ${error.message}` : `${error}`
  process.stderr.write(`${text}\n`)
  process.exitCode = 1
}
