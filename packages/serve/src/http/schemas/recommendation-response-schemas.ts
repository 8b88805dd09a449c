import {
  type PolicyCounts,
  RANKINGS,
  RELAXATION_ORDER,
  type SkippedPromotion,
} from '@perennial/core'
import Type, { type TSchema, type TUnsafe } from 'typebox'
import type { Recommendation, RecommendResponse } from '../../recommendation.ts'
import { reasonSchema } from './reason-schema.ts'
import { Count, Ids, Probability, Time } from './shared-schemas.ts'

/** Schema of a forecast. */
export const forecastSchema: TSchema = Type.Object(
  {
    within7Days: Probability('That the customer buys it within 7 days.'),
    within28Days: Probability('Within 28 days.'),
    within90Days: Probability('Within 90 days.'),
    expected: Type.Optional(
      Type.Object(
        {
          earlyDays: Type.Number(),
          medianDays: Type.Number(),
          lateDays: Type.Number(),
        },
        { description: 'Days until the purchase, if it comes within 180: quartiles.' },
      ),
    ),
  },
  { description: 'When the customer is expected to buy it; absent where nothing was learned.' },
)

/** Items of an answer, best first. */
export const itemsField: TSchema = Type.Array(
  Type.Object({
    itemId: Type.String(),
    rank: Type.Integer({ minimum: 1 }),
    score: Type.Number({ description: 'Higher is better; comparable within one list only.' }),
    title: Type.Optional(Type.String()),
    price: Type.Optional(
      Type.Number({ description: 'Last known price, in the currency of the training data.' }),
    ),
    stock: Type.Optional(Type.Number({ description: 'Units at hand, where the shop said so.' })),
    priceAsOf: Type.Optional(Time('When price and stock were known to be so.')),
    isStale: Type.Optional(
      Type.Literal(true, { description: 'That is longer ago than the server accepts.' }),
    ),
    isPromoted: Type.Optional(
      Type.Literal(true, { description: 'The request asked for it at its place.' }),
    ),
    reason: Type.Optional(reasonSchema),
    alsoReasons: Type.Optional(
      Type.Array(reasonSchema, { description: 'Further reasons that hold.' }),
    ),
    forecast: Type.Optional(forecastSchema),
    trained: Type.Boolean({ description: 'False for an item without events in training.' }),
  } satisfies Record<keyof Recommendation, TSchema>),
)

/** How many items were left at each step. */
export const candidatesField: TSchema = Type.Object({
  considered: Count('Items of the catalogue.'),
  afterExclude: Count('Items left after `exclude`.'),
  available: Count('Items of those that the shop can sell.'),
  afterFilter: Count('Items left after `exclude`, what can be sold, and `filter`.'),
  suppressed: Count('Items of those left out because of a durable in the history.'),
  ranked: Count('Items that were ranked for this customer; the policy chose among them.'),
  policy: Type.Object(
    {
      candidates: Count('Items that the policy chose among.'),
      afterExclude: Count('Items left after `exclude`.'),
      afterFilter: Count('Items left after `filter`.'),
      afterAvailability: Count('Items left that the shop can sell.'),
      afterSuppression: Count('Items left that no durable speaks against.'),
      afterBudget: Count('Items left within `budget`.'),
      afterMinRelevance: Count('Items left with `minRelevance`.'),
    } satisfies Record<keyof PolicyCounts, TSchema>,
    { description: 'How many items each step of the policy left.' },
  ),
  unknownExcluded: Count('Ids in `exclude` that the model does not know.'),
} satisfies Record<keyof RecommendResponse['candidates'], TSchema>)

const responseFields = {
  recommendationId: Type.String({ description: 'Names this answer, for feedback to refer to.' }),
  modelVersion: Type.String(),
  path: Type.Enum(['model', 'popular'], {
    description:
      '`model`: ranked for this customer. `popular`: the same for everyone, for the cause in `note`.',
  }),
  ranking: Type.Optional(
    Type.Enum([...RANKINGS], { description: 'What ranked the list, where the path is `model`.' }),
  ),
  asOf: Time('The time of the question.'),
  items: itemsField,
  history: Type.Object({
    used: Count('Events that the network saw.'),
    truncated: Count("Older events beyond the network's length; they still count as repeats."),
    later: Count('Events after `asOf`, left out.'),
    unknownItemIds: Ids('Items that the model does not know; their events are left out.'),
  } satisfies Record<keyof RecommendResponse['history'], TSchema>),
  candidates: candidatesField,
  relaxed: Type.Array(Type.Enum([...RELAXATION_ORDER]), {
    description: 'Constraints that were given up for want of items; none with `strict`.',
  }),
  skippedPromotions: Type.Optional(
    Type.Array(
      Type.Object({
        itemId: Type.String(),
        cause: Type.Enum(['unknown', 'excluded', 'filtered', 'unavailable', 'beyond-list']),
      } satisfies Record<keyof SkippedPromotion, TSchema>),
      { description: 'Promoted items that are not in the list, and why.' },
    ),
  ),
  consent: Type.Boolean({ description: 'Whether stored events of the user could be used.' }),
  note: Type.Optional(Type.String()),
} satisfies Record<keyof RecommendResponse, TSchema>

/** Counts of an example. */
export const exampleCandidates: RecommendResponse['candidates'] = {
  considered: 1200,
  afterExclude: 1199,
  available: 1150,
  afterFilter: 640,
  suppressed: 3,
  ranked: 200,
  policy: {
    candidates: 200,
    afterExclude: 200,
    afterFilter: 200,
    afterAvailability: 200,
    afterSuppression: 197,
    afterBudget: 90,
    afterMinRelevance: 90,
  },
  unknownExcluded: 0,
}

const example: RecommendResponse = {
  recommendationId: 'shop@2026-01-31.model.0b0c6a3e-7f52-4c0b-9a1d-2f6f0e2f7d11',
  modelVersion: 'shop@2026-01-31',
  path: 'model',
  ranking: 'ranker',
  asOf: '2026-02-01T00:00:00.000Z',
  items: [
    {
      itemId: 'coffee-beans',
      rank: 1,
      score: 1.25,
      title: 'Coffee beans',
      price: 9.5,
      reason: { code: 'repeat', timesBought: 2, daysSinceLast: 8, typicalGapDays: 14 },
      trained: true,
    },
  ],
  history: { used: 2, truncated: 0, later: 0, unknownItemIds: [] },
  candidates: exampleCandidates,
  relaxed: [],
  consent: true,
}

/** Answer of `POST /v1/recommendations`. */
export const recommendResponseSchema: TUnsafe<RecommendResponse> = Type.Unsafe<RecommendResponse>(
  Type.Object(responseFields, { description: 'The items, best first.', examples: [example] }),
)

/** Answer of `POST /v1/recommendations/batch`. */
export const recommendBatchResponseSchema: TUnsafe<{
  readonly responses: readonly RecommendResponse[]
}> = Type.Unsafe(
  Type.Object(
    { responses: Type.Array(Type.Object(responseFields)) },
    {
      description: 'One answer a request, in their order.',
      examples: [{ responses: [example] }],
    },
  ),
)
