import { RecommenderError } from '@perennial/core'
import type { FastifyInstance } from 'fastify'
import type { HistoryStoreOptions } from './history/history-options.ts'
import { type CloseOptions, closeServer } from './http/drain.ts'
import { isLoopback } from './http/is-loopback.ts'
import { createServerMetrics } from './http/metrics.ts'
import { createServer } from './http/server.ts'
import type { ServerOptions } from './http/server-options.ts'
import { openStores } from './open-stores.ts'
import { Recommender } from './recommender.ts'
import type { LoadModelOptions } from './served-model.ts'

/** Options of {@link startServer}. */
export interface StartOptions extends Omit<ServerOptions, 'metrics'>, CloseOptions {
  /** Artifact folder. */
  readonly artifact: string
  /** Data set folder whose users' events are put into the store. @defaultValue none */
  readonly dataset?: string | undefined
  /** Where events and items are kept: a folder, `redis://host:port` or `memory:`; see {@link openStores}. @defaultValue 'memory:' */
  readonly store?: string | undefined
  /** Limits and namespace of the store. @defaultValue those of the store */
  readonly history?: HistoryStoreOptions | undefined
  /** How the artifact is served: index, caches, stale prices. @defaultValue those of {@link Recommender.load} */
  readonly model?: Omit<LoadModelOptions, 'erasures' | 'signal'> | undefined
  /** Address to listen on. @defaultValue '127.0.0.1' */
  readonly host?: string | undefined
  /** Port to listen on; 0 takes a free one. @defaultValue 8080 */
  readonly port?: number | undefined
  /** Whether to answer everybody where `host` can be reached from elsewhere and there are no `keys`. @defaultValue false */
  readonly open?: boolean | undefined
  /** Stops the start. */
  readonly signal?: AbortSignal | undefined
}

/** A server that listens. */
export interface RunningServer {
  readonly app: FastifyInstance
  /** For example `http://127.0.0.1:8080`. */
  readonly url: string
  /** Lets requests under way finish within the grace period, then frees the model. */
  close(): Promise<void>
}

/**
 * Starts a server on an artifact.
 *
 * @throws {@link RecommenderError} `INVALID_OPTION` without `keys` and `open` on an address that is not loopback; what
 * {@link Recommender.load} and {@link openStores} throw; or the error of the socket, for example `EADDRINUSE`.
 */
export async function startServer({
  artifact,
  dataset,
  store = 'memory:',
  history,
  model,
  host = '127.0.0.1',
  port = 8080,
  open = false,
  signal,
  noticeMs,
  graceMs,
  ...serverOptions
}: StartOptions): Promise<RunningServer> {
  if (!open && !isLoopback(host) && (serverOptions.keys ?? []).length === 0) {
    throw new RecommenderError(
      'INVALID_OPTION',
      `Expected \`keys\` to be given where \`host\` can be reached from elsewhere, got none for ${host}. Make one with \`perennial-serve keys new\`, or pass \`--open\` to answer everybody.`,
    )
  }
  const metrics = createServerMetrics()
  const stores = await openStores(store, history)
  let app: FastifyInstance | undefined
  let recommender: Recommender | undefined
  const release = async (): Promise<void> => {
    await recommender?.close()
    await stores.close()
  }
  try {
    recommender = await Recommender.load(artifact, {
      ...model,
      store: stores.store,
      items: stores.items,
      dataset,
      signal,
      onTiming: metrics.observeStage,
    })
    app = await createServer(recommender, { ...serverOptions, metrics })
    const url = await app.listen({ host, port })
    signal?.throwIfAborted()
    return {
      app,
      url,
      close: () => closeAll(app as FastifyInstance, release, { noticeMs, graceMs }),
    }
  } catch (error) {
    await app?.close()
    await release()
    throw error
  }
}

/** Model and stores last: requests under way need them. */
async function closeAll(
  app: FastifyInstance,
  release: () => Promise<void>,
  options: CloseOptions,
): Promise<void> {
  try {
    await closeServer(app, options)
  } finally {
    await release()
  }
}
