import Type, { type TSchema, type TUnsafe } from 'typebox'
import { REQUEST_LIMITS } from '../../read-value.ts'
import type { RecommendRequest } from '../../recommendation.ts'
import { historyEventFields } from './event-schemas.ts'
import { excludeField, policyFields } from './policy-schemas.ts'
import { closed, Id, Time } from './shared-schemas.ts'

/** Fields that say who is asked about, and when. */
export const askedFields: Readonly<Record<'userId' | 'history' | 'asOf', TSchema>> = {
  userId: Type.Optional(Id('Whose stored events to use. Either this or `history`.')),
  history: Type.Optional(
    Type.Array(Type.Object(historyEventFields, closed), {
      maxItems: REQUEST_LIMITS.maxHistory,
      description:
        'The purchases to use, in any order; nothing is stored. Either this or `userId`.',
    }),
  ),
  asOf: Type.Optional(
    Time('The time of the question; later events are left out. Now when absent.'),
  ),
}

/** Most items wanted. */
export const kField: TSchema = Type.Optional(
  Type.Integer({
    minimum: 1,
    maximum: REQUEST_LIMITS.maxK,
    default: 10,
    description: 'Most items wanted.',
  }),
)

const explainField = Type.Optional(
  Type.Boolean({ default: true, description: 'Whether each item says why it is there.' }),
)

const recommendRequestFields = {
  ...askedFields,
  consent: Type.Optional(
    Type.Boolean({
      default: true,
      description: 'False when the user did not agree to be remembered: `history` alone is used.',
    }),
  ),
  k: kField,
  ...policyFields,
  explain: explainField,
  includeSuppressed: Type.Optional(
    Type.Boolean({
      default: false,
      description: 'Whether items stay in that a durable in the history speaks against for now.',
    }),
  ),
} satisfies Record<keyof RecommendRequest, TSchema>

const examples: readonly RecommendRequest[] = [
  {
    userId: 'C0007',
    k: 5,
    exclude: ['gift-card'],
    filter: { field: 'categoryPath', under: ['Pantry'] },
    budget: { max: 30 },
    diversity: { strength: 0.3, maxPerCategory: 2 },
  },
  {
    history: [
      { itemId: 'coffee-beans', timestamp: '2026-01-10T09:00:00Z' },
      { itemId: 'coffee-beans', timestamp: '2026-01-24T09:00:00Z', quantity: 2 },
    ],
    asOf: '2026-02-01T00:00:00Z',
    k: 3,
    explain: false,
  },
]

/** Body of `POST /v1/recommendations`. */
export const recommendRequestSchema: TUnsafe<RecommendRequest> = Type.Unsafe<RecommendRequest>(
  Type.Object(recommendRequestFields, { ...closed, examples }),
)

/** Body of `POST /v1/recommendations/batch`. */
export const recommendBatchSchema: TUnsafe<{ readonly requests: readonly RecommendRequest[] }> =
  Type.Unsafe(
    Type.Object(
      {
        requests: Type.Array(Type.Object(recommendRequestFields, closed), {
          minItems: 1,
          maxItems: REQUEST_LIMITS.maxRequests,
        }),
      },
      {
        ...closed,
        examples: [
          {
            requests: [
              { userId: 'C0001', k: 5 },
              { userId: 'C0002', k: 5 },
            ],
          },
        ],
      },
    ),
  )

/** Query string of `GET /v1/users/{userId}/recommendations`. */
export const recommendQuerySchema: TUnsafe<
  Pick<RecommendRequest, 'k' | 'exclude' | 'explain' | 'asOf'>
> = Type.Unsafe(
  Type.Object(
    { k: kField, exclude: excludeField, explain: explainField, asOf: askedFields.asOf },
    closed,
  ),
)
