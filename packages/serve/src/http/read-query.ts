import type { FastifyRequest } from 'fastify'

/**
 * Turns the text of a query string into the numbers, flags and lists that its schema asks for, before it is checked.
 *
 * What is no number or flag stays text, for the schema to refuse.
 */
export async function readQuery({ query, routeOptions }: FastifyRequest): Promise<void> {
  const fields = query as Record<string, unknown>
  const { properties = {} } = (routeOptions.schema?.querystring ?? {}) as {
    readonly properties?: Readonly<Record<string, { readonly type?: string }>>
  }
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value !== 'string' || !Object.hasOwn(properties, name)) continue
    fields[name] = readText(value, properties[name]?.type)
  }
}

function readText(text: string, type: string | undefined): unknown {
  if (type === 'integer' && /^-?\d{1,15}$/.test(text)) return Number(text)
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  return type === 'array' ? [text] : text
}
