// #region fastify
import {
  ERROR_STATUS,
  openStores,
  Recommender,
  RecommenderError,
  type RecommendRequest,
  type UserEvent,
} from '@perennial/serve'
import fastify from 'fastify'

const { PERENNIAL_ARTIFACT = 'artifact', PERENNIAL_STATE = 'state', PORT = '3000' } = process.env
const stores = await openStores(PERENNIAL_STATE)
const recommender = await Recommender.load(PERENNIAL_ARTIFACT, stores)

const app = fastify({ logger: true })
app.setErrorHandler((error, request, reply) => {
  if (!(error instanceof RecommenderError)) return reply.send(error)
  const { code, message } = error
  if (ERROR_STATUS[code] >= 500) request.log.error(error)
  return reply.status(ERROR_STATUS[code]).send({ code, message })
})
app.post<{ Body: RecommendRequest }>('/recommendations', ({ body }) => recommender.recommend(body))
app.post<{ Body: UserEvent[] }>('/events', ({ body }) => recommender.recordEvents(body))

// Runs when the requests under way are answered.
app.addHook('onClose', async () => {
  await recommender.close()
  await stores.close()
})
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => app.close())

await app.listen({ port: Number(PORT) })
// #endregion
