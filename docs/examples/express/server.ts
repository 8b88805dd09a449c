// #region express
import { once } from 'node:events'
import {
  ERROR_STATUS,
  openStores,
  Recommender,
  RecommenderError,
  type RecommendRequest,
  type UserEvent,
} from '@perennial/serve'
import express, { type ErrorRequestHandler, type Request } from 'express'

const { PERENNIAL_ARTIFACT = 'artifact', PERENNIAL_STATE = 'state', PORT = '3000' } = process.env
const stores = await openStores(PERENNIAL_STATE)
const recommender = await Recommender.load(PERENNIAL_ARTIFACT, stores)

const app = express()
app.use(express.json({ limit: '1mb' }))
app.post(
  '/recommendations',
  async ({ body }: Request<object, unknown, RecommendRequest>, response) => {
    response.json(await recommender.recommend(body))
  },
)
app.post('/events', async ({ body }: Request<object, unknown, UserEvent[]>, response) => {
  response.json(await recommender.recordEvents(body))
})
const answerError: ErrorRequestHandler = (error, _request, response, next) => {
  if (!(error instanceof RecommenderError)) return next(error)
  const { code, message } = error
  if (ERROR_STATUS[code] >= 500) console.error(error)
  response.status(ERROR_STATUS[code]).json({ code, message })
}
app.use(answerError)

const server = app.listen(Number(PORT), '127.0.0.1')

async function stop(): Promise<void> {
  // Takes no new connections, and ends once the requests under way are answered.
  const closed = once(server, 'close')
  server.close()
  await closed
  await recommender.close()
  await stores.close()
}
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, stop)
// #endregion

await once(server, 'listening')
const address = server.address()
if (typeof address === 'object')
  console.log(`Server listening at http://127.0.0.1:${address?.port}`)
