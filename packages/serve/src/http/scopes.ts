/** What a key may be allowed to do: ask, tell, and change what is served or erase. None includes another. */
export const SCOPES = ['read', 'write', 'admin'] as const

/** One of {@link SCOPES}. */
export type Scope = (typeof SCOPES)[number]

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a key needs for the route; `public` routes take no key. Every route has one. */
    scope?: Scope | 'public'
  }
}
