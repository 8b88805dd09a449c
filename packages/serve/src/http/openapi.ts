import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifySchema } from 'fastify'
import type { HttpApp } from './http-app.ts'
import { categoryOutlookSchema } from './schemas/customer-schemas.ts'
import { filterSchema } from './schemas/filter-schema.ts'
import { errorSchema } from './schemas/shared-schemas.ts'

/** Version of the HTTP API, in paths and in the OpenAPI document. */
const API_VERSION = '1.0.0'

/** What the pages at `/docs` may load: their own files alone. */
const PAGES_POLICY =
  "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"

const TAGS = [
  { name: 'recommendations', description: 'What a customer will want, and why.' },
  { name: 'users', description: 'What a customer did, where he stands, and forgetting him.' },
  { name: 'items', description: 'What the shop sells.' },
  { name: 'server', description: 'What is served, and how it fares.' },
]

/**
 * Describes the routes added from here on in an OpenAPI 3.1 document at `/docs/json`, with pages at `/docs`.
 *
 * Each route gets the security of its scope and the form of its errors.
 */
export async function describeRoutes(app: HttpApp): Promise<void> {
  app.addSchema(filterSchema)
  app.addSchema(categoryOutlookSchema)
  app.addHook('onRoute', (route) => {
    const { schema, config } = route
    if (schema === undefined || config?.scope === undefined) return
    const security = config.scope === 'public' ? [] : [{ apiKey: [config.scope] }]
    const response = { '4xx': errorSchema, '5xx': errorSchema, ...(schema.response as object) }
    route.schema = { ...schema, security, response }
  })
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Perennial',
        description: 'What each customer will want, and why.',
        version: API_VERSION,
      },
      tags: TAGS,
      components: {
        securitySchemes: {
          apiKey: {
            type: 'http',
            scheme: 'bearer',
            description:
              'An API key with the scope that the route names: `read`, `write`, `admin`.',
          },
        },
      },
    },
    transform: ({ schema, url }) => ({ schema: describeAlternatives(schema), url }),
    refResolver: {
      buildLocalReference: ({ $id }, _base, _fragment, i) => String($id ?? `schema-${i}`),
    },
  })
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: PAGES_POLICY })
}

/** Describes a body of `if`, `then` and `else`, which few tools read, as one of the two. */
function describeAlternatives(schema: FastifySchema | undefined): FastifySchema {
  const body = schema?.body as { then?: object; else?: object; if?: object } | undefined
  if (body?.if === undefined) return schema ?? {}
  const { if: _, then: first, else: second, ...rest } = body
  return { ...schema, body: { ...rest, anyOf: [second, first] } }
}
