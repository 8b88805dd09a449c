import type { FastifyInstance } from 'fastify'

/** Whether a server is on its way down. */
export interface Drain {
  readonly isDraining: boolean
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Makes `GET /readyz` answer 503 from now on. */
    startDraining(): void
  }
}

/** Adds to a server the state of going down, which begins with `startDraining` and lasts. */
export function addDrain(app: FastifyInstance): Drain {
  let isDraining = false
  app.decorate('startDraining', () => {
    isDraining = true
  })
  app.addHook('preClose', async () => {
    isDraining = true
  })
  return {
    get isDraining() {
      return isDraining
    },
  }
}

/** Options of {@link closeServer}. */
export interface CloseOptions {
  /** How long the server still answers with `GET /readyz` at 503, so that a balancer turns away, in milliseconds. @defaultValue 0 */
  readonly noticeMs?: number | undefined
  /** How long requests under way may then take before they are cut, in milliseconds. @defaultValue 10000 */
  readonly graceMs?: number | undefined
}

/**
 * Closes a server: not ready at once, requests under way are finished, idle connections closed, and what is left after
 * the grace period cut.
 */
export async function closeServer(
  app: FastifyInstance,
  { noticeMs = 0, graceMs = 10_000 }: CloseOptions = {},
): Promise<void> {
  app.startDraining()
  if (noticeMs > 0) await new Promise((resolve) => setTimeout(resolve, noticeMs))
  const cut = setTimeout(() => app.server.closeAllConnections(), graceMs)
  try {
    await app.close()
  } finally {
    clearTimeout(cut)
  }
}
