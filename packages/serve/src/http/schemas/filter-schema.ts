import { FILTER_LIMITS, type Filter } from '@perennial/core'
import Type, { type TSchema, type TUnsafe } from 'typebox'
import { closed } from './shared-schemas.ts'

/** Names {@link filterSchema} within another schema. */
export const filterRef: TUnsafe<Filter> = Type.Unsafe<Filter>({ $ref: 'Filter#' })
const filterList = Type.Array(filterRef, { minItems: 1 })
const listOf = (schema: TSchema): TSchema =>
  Type.Array(schema, { minItems: 1, maxItems: FILTER_LIMITS.maxValues })
const filterValues = Type.Union(
  [listOf(Type.String()), listOf(Type.Number()), listOf(Type.Boolean())],
  { description: 'All of one type.' },
)
const field = Type.String({
  minLength: 1,
  description: '`itemId`, `title`, `price`, `stock` or an attribute.',
})

/** Schema of {@link Filter}, shared by name because it contains itself. */
export const filterSchema: TUnsafe<Filter> = Type.Unsafe<Filter>({
  $id: 'Filter',
  description:
    'Which items may be recommended. An item that lacks a field does not meet a condition on it.',
  anyOf: [
    Type.Object({ all: filterList }, closed),
    Type.Object({ any: filterList }, closed),
    Type.Object({ not: filterRef }, closed),
    Type.Object(
      {
        field,
        min: Type.Optional(Type.Number()),
        max: Type.Optional(Type.Number()),
      },
      { ...closed, minProperties: 2 },
    ),
    Type.Object({ field: Type.Literal('categoryPath'), under: listOf(Type.String()) }, closed),
    Type.Object({ field, in: filterValues }, closed),
    Type.Object({ field, notIn: filterValues }, closed),
  ],
})
