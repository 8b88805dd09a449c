import type { FastifyInstance } from 'fastify'
import { createServer } from '../src/http/server.ts'
import type { ServerOptions } from '../src/http/server-options.ts'
import { Recommender } from '../src/recommender.ts'
import { writeTinyArtifact } from './tiny-artifact.ts'

/** A server on the tiny artifact. */
export interface TestServer {
  readonly app: FastifyInstance
  readonly recommender: Recommender
  /** Address, once {@link listen} was asked for. */
  readonly url: string
  close(): Promise<void>
}

/**
 * Starts a server on the tiny artifact with the real recommender behind it.
 *
 * @param listen - Whether it listens on a free port of the loopback address.
 */
export async function startTestServer({
  listen = false,
  ...options
}: ServerOptions & { readonly listen?: boolean } = {}): Promise<TestServer> {
  const recommender = await Recommender.load(await writeTinyArtifact())
  const app = await createServer(recommender, options)
  const url = listen ? await app.listen({ host: '127.0.0.1', port: 0 }) : ''
  const close = async (): Promise<void> => {
    await app.close()
    await recommender.close()
  }
  return { app, recommender, url, close }
}
