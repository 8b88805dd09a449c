import Type, { type TSchema, type TUnsafe } from 'typebox'

/** Refuses fields that are not named. */
export const closed = { additionalProperties: false } as const

/** An id of 1 to 256 characters. */
export const Id = (description: string, options: object = {}): TSchema =>
  Type.String({ minLength: 1, maxLength: 256, description, ...options })

/** A whole number, 0 or more. */
export const Count = (description: string): TSchema => Type.Integer({ minimum: 0, description })

/** A list of ids. */
export const Ids = (description: string, options: object = {}): TSchema =>
  Type.Array(Type.String(), { description, ...options })

/** A time, RFC 3339. */
export const Time = (description: string): TSchema =>
  Type.String({ format: 'date-time', description })

/** A probability. */
export const Probability = (description: string): TSchema =>
  Type.Number({ minimum: 0, maximum: 1, description })

/** A user's id as a part of the path. */
export const userParamsSchema: TUnsafe<{ readonly userId: string }> = Type.Unsafe(
  Type.Object({ userId: Id('Whose.', { examples: ['C0007'] }) }),
)

/** An item's id as a part of the path. */
export const itemParamsSchema: TUnsafe<{ readonly itemId: string }> = Type.Unsafe(
  Type.Object({ itemId: Id('Which item.', { examples: ['green-tea'] }) }),
)

/** Body of every answer that is an error. */
export const errorSchema: TUnsafe<{ code: string; message: string }> = Type.Unsafe(
  Type.Object(
    {
      code: Type.String({ description: 'Stable; made for programs.' }),
      message: Type.String({
        description: 'What was expected, what came, and the way out; made for people.',
      }),
    },
    {
      description: 'The request was refused or failed.',
      examples: [{ code: 'INVALID_INPUT', message: 'body/k must be >= 1' }],
    },
  ),
)
