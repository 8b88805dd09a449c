import Type, { type TSchema, type TUnsafe } from 'typebox'
import type { ItemUpdate, ItemUpdateResult } from '../../item-update.ts'
import { REQUEST_LIMITS } from '../../read-value.ts'
import type { SimilarItemsRequest, SimilarItemsResponse } from '../../similar-items.ts'
import { filterRef } from './filter-schema.ts'
import { excludeField } from './policy-schemas.ts'
import {
  candidatesField,
  exampleCandidates,
  itemsField,
} from './recommendation-response-schemas.ts'
import { kField } from './recommendation-schemas.ts'
import { Count, closed, Id, Time } from './shared-schemas.ts'

const orNull = (schema: TSchema, description: string): TSchema =>
  Type.Optional(Type.Union([schema, Type.Null()], { description }))

const itemUpdateFields = {
  itemId: Id('Which item; one that is not known is added.'),
  title: orNull(Type.String({ maxLength: REQUEST_LIMITS.maxTextLength }), 'What it is called.'),
  categoryPath: orNull(
    Type.Array(Type.String({ minLength: 1, maxLength: 256 }), {
      minItems: 1,
      maxItems: REQUEST_LIMITS.maxCategoryLevels,
    }),
    'From the widest category to the narrowest.',
  ),
  price: orNull(
    Type.Number({ minimum: 0 }),
    'Price of one unit in the currency of the training data.',
  ),
  stock: orNull(Type.Number({ minimum: 0 }), 'Units at hand.'),
  attributes: Type.Optional(
    Type.Record(
      Type.String({ maxLength: 256 }),
      Type.Union([
        Type.String({ maxLength: REQUEST_LIMITS.maxTextLength }),
        Type.Number(),
        Type.Boolean(),
        Type.Null(),
      ]),
      {
        maxProperties: REQUEST_LIMITS.maxAttributes,
        description: 'Further fields for filters; `null` forgets one.',
      },
    ),
  ),
  active: Type.Optional(
    Type.Boolean({ default: true, description: 'Whether the item may be recommended.' }),
  ),
  asOf: Type.Optional(Time('When price and stock were known to be so. Now when absent.')),
} satisfies Record<keyof ItemUpdate, TSchema>

/** Body of `PUT /v1/items`. */
export const itemUpdatesSchema: TUnsafe<{ readonly items: readonly ItemUpdate[] }> = Type.Unsafe(
  Type.Object(
    {
      items: Type.Array(
        Type.Object(itemUpdateFields, {
          ...closed,
          description: 'Fields left out stay as they are; `null` forgets one.',
        }),
        { minItems: 1, maxItems: REQUEST_LIMITS.maxItems },
      ),
    },
    {
      ...closed,
      examples: [
        {
          items: [
            {
              itemId: 'green-tea',
              title: 'Green tea',
              categoryPath: ['Pantry', 'Tea'],
              price: 4.5,
              stock: 120,
              attributes: { brand: 'Sencha & Sons', organic: true },
            },
          ],
        },
      ],
    },
  ),
)

/** Answer of `PUT /v1/items`. */
export const itemUpdateResultSchema: TUnsafe<ItemUpdateResult> = Type.Unsafe<ItemUpdateResult>(
  Type.Object(
    {
      updated: Count('Items that the model or an earlier update knew.'),
      added: Count('Items new to the catalogue.'),
      outdated: Count('Updates older than what is known; they change nothing.'),
      vectors: Type.Object(
        {
          category: Count('From items of the narrowest common category.'),
          none: Count('Nothing was there to derive one from.'),
        } satisfies Record<keyof ItemUpdateResult['vectors'], TSchema>,
        { description: 'How each added item got its vector.' },
      ),
    } satisfies Record<keyof ItemUpdateResult, TSchema>,
    {
      description: 'What became of the updates.',
      examples: [{ updated: 1, added: 0, outdated: 0, vectors: { category: 0, none: 0 } }],
    },
  ),
)

/** Body of `POST /v1/items/similar`. */
export const similarItemsRequestSchema: TUnsafe<SimilarItemsRequest> =
  Type.Unsafe<SimilarItemsRequest>(
    Type.Object(
      {
        itemId: Id('The item that others are to be like.'),
        k: kField,
        exclude: excludeField,
        filter: Type.Optional(filterRef),
      } satisfies Record<keyof SimilarItemsRequest, TSchema>,
      {
        ...closed,
        examples: [{ itemId: 'green-tea', k: 5, filter: { field: 'price', max: 30 } }],
      },
    ),
  )

/** Query string of `GET /v1/items/{itemId}/similar`. */
export const similarItemsQuerySchema: TUnsafe<Pick<SimilarItemsRequest, 'k' | 'exclude'>> =
  Type.Unsafe(Type.Object({ k: kField, exclude: excludeField }, closed))

/** Answer of the similar items routes. */
export const similarItemsResponseSchema: TUnsafe<SimilarItemsResponse> =
  Type.Unsafe<SimilarItemsResponse>(
    Type.Object(
      {
        recommendationId: Type.String(),
        modelVersion: Type.String(),
        path: Type.Enum(['vectors', 'category'], {
          description:
            '`vectors`: by angle of item vectors. `category`: the popular ones of its category.',
        }),
        items: itemsField,
        candidates: candidatesField,
      } satisfies Record<keyof SimilarItemsResponse, TSchema>,
      {
        description: 'Items like the one asked about, best first.',
        examples: [
          {
            recommendationId: 'shop@2026-01-31.similar.0b0c6a3e-7f52-4c0b-9a1d-2f6f0e2f7d11',
            modelVersion: 'shop@2026-01-31',
            path: 'vectors',
            items: [{ itemId: 'black-tea', rank: 1, score: 0.91, trained: true }],
            candidates: exampleCandidates,
          } satisfies SimilarItemsResponse,
        ],
      },
    ),
  )
