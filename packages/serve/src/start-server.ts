import type { FastifyInstance } from 'fastify'
import { Recommender } from './recommender.ts'
import { createServer, type ServerOptions } from './server.ts'

/** Options of {@link startServer}. */
export interface StartOptions extends Pick<ServerOptions, 'logTo'> {
  /** Artifact folder. */
  readonly artifact: string
  /** Data set folder whose users' events are put into the store. @defaultValue none */
  readonly dataset?: string | undefined
  /** Address to listen on. @defaultValue '127.0.0.1' */
  readonly host?: string | undefined
  /** Port to listen on; 0 takes a free one. @defaultValue 8080 */
  readonly port?: number | undefined
  /** Stops the start. */
  readonly signal?: AbortSignal | undefined
}

/** A server that listens. */
export interface RunningServer {
  readonly app: FastifyInstance
  /** For example `http://127.0.0.1:8080`. */
  readonly url: string
  /** Lets requests under way finish, then frees the model. */
  close(): Promise<void>
}

/**
 * Starts a server on an artifact.
 *
 * @throws What {@link Recommender.load} throws, or the error of the socket, for example `EADDRINUSE`.
 */
export async function startServer({
  artifact,
  dataset,
  logTo,
  host = '127.0.0.1',
  port = 8080,
  signal,
}: StartOptions): Promise<RunningServer> {
  const recommender = await Recommender.load(artifact, { dataset, signal })
  const app = await createServer(recommender, { logTo })
  app.addHook('onClose', () => recommender.close())
  try {
    const url = await app.listen({ host, port })
    signal?.throwIfAborted()
    return { app, url, close: () => app.close() }
  } catch (error) {
    await app.close()
    throw error
  }
}
