import {
  BUDGET_SHAPES,
  type Budget,
  type DiversityPolicy,
  POLICY_LIMITS,
  type PromotedItem,
  type RankingPolicy,
  type RotationPolicy,
} from '@perennial/core'
import Type, { type TSchema } from 'typebox'
import { filterRef } from './filter-schema.ts'
import { closed, Id, Ids } from './shared-schemas.ts'

const Limit = (description: string): TSchema =>
  Type.Optional(Type.Integer({ minimum: 1, description }))

const budget = Type.Object(
  {
    min: Type.Optional(Type.Number({ minimum: 0, description: 'Lowest price.' })),
    max: Type.Optional(Type.Number({ exclusiveMinimum: 0, description: 'Highest price.' })),
    shape: Type.Optional(
      Type.Enum([...BUDGET_SHAPES], {
        default: 'near',
        description:
          '`near`: prices near `max`, or from `min` on, are preferred. `within`: none is.',
      }),
    ),
  } satisfies Record<keyof Budget, TSchema>,
  { ...closed, minProperties: 1, description: 'What may be spent on one item.' },
)

const diversity = Type.Object(
  {
    strength: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1,
        default: 0,
        description: 'Weight of being unlike the items before; 0 ranks by value alone.',
      }),
    ),
    maxPerCategory: Limit('Most items of one category.'),
    categoryLevel: Limit('Levels of the category path that make a category, from the widest.'),
    maxPerBrand: Limit('Most items with one value of the attribute `brand`.'),
  } satisfies Record<keyof DiversityPolicy, TSchema>,
  { ...closed, description: 'How unlike each other the items of a list are to be.' },
)

const rotation = Type.Object(
  {
    halfLifeDays: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: POLICY_LIMITS.maxHalfLifeDays,
        default: 3,
        description: 'Days after which half of the effect is gone.',
      }),
    ),
  } satisfies Record<keyof RotationPolicy, TSchema>,
  closed,
)

const promotedItem = Type.Object(
  {
    itemId: Id('The item.'),
    slot: Type.Integer({ minimum: 1, description: '1-based place in the list.' }),
  } satisfies Record<keyof PromotedItem, TSchema>,
  closed,
)

/** Items that must not be in the answer. */
export const excludeField: TSchema = Type.Optional(
  Ids('Items that must not be recommended.', { maxItems: POLICY_LIMITS.maxExclude }),
)

/** What a shop wants of one list beside its relevance. */
export const policyFields: Readonly<Record<keyof RankingPolicy, TSchema>> = {
  exclude: excludeField,
  filter: Type.Optional(filterRef),
  budget: Type.Optional(budget),
  diversity: Type.Optional(diversity),
  rotation: Type.Optional(
    Type.Union([rotation, Type.Literal(false)], {
      description: 'How items that were shown lately go down, or that they do not.',
    }),
  ),
  gift: Type.Optional(
    Type.Boolean({ default: false, description: 'Whether the list is for somebody else.' }),
  ),
  minRelevance: Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: 1,
      description: 'Relevance that an item needs: 0 is the middle candidate, 1 the best.',
    }),
  ),
  promoted: Type.Optional(
    Type.Array(promotedItem, {
      maxItems: POLICY_LIMITS.maxPromoted,
      description: 'Items at fixed places, each item and each place once.',
    }),
  ),
  strict: Type.Optional(
    Type.Boolean({
      default: false,
      description: 'Whether the list is to be short rather than a constraint given up.',
    }),
  ),
}
