type JsonSchema = Readonly<Record<string, unknown>>

interface MediaType {
  readonly schema: JsonSchema
  readonly example?: unknown
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>
}

interface Content {
  readonly content: Readonly<Record<string, MediaType>>
}

interface Operation {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly summary: string
  readonly security: readonly { readonly apiKey: readonly string[] }[]
  readonly parameters?: readonly {
    readonly name: string
    readonly in: 'path' | 'query'
    readonly schema: JsonSchema
  }[]
  readonly requestBody?: Content
  readonly responses: Readonly<Record<string, Content>>
}

/** The parts of an OpenAPI document that tests read. */
export interface OpenApiDocument {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> }
}

/** One body or answer of an operation. */
export interface DescribedMedia {
  /** `request`, or the status. */
  readonly where: string
  readonly schema: JsonSchema
  readonly examples: readonly unknown[]
}

/** One operation with where it is and what it sends. */
export interface DescribedOperation extends Operation {
  readonly method: string
  readonly path: string
  readonly media: readonly DescribedMedia[]
}

/** Returns the operations of a document, in its order. */
export function operationsOf({ paths }: OpenApiDocument): readonly DescribedOperation[] {
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      ...operation,
      method: method.toUpperCase(),
      path,
      media: [
        ...(operation.requestBody === undefined ? [] : mediaOf('request', operation.requestBody)),
        ...Object.entries(operation.responses).flatMap(([status, answer]) =>
          mediaOf(status, answer),
        ),
      ],
    })),
  )
}

function mediaOf(where: string, { content }: Content): readonly DescribedMedia[] {
  return Object.values(content).map(({ schema, example, examples = {} }) => ({
    where,
    schema,
    examples: [
      ...(example === undefined ? [] : [example]),
      ...Object.values(examples).map(({ value }) => value),
      ...((schema.examples as readonly unknown[] | undefined) ?? []),
    ],
  }))
}
