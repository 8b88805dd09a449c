import { FILTER_LIMITS, type Filter, RANKINGS } from '@perennial/core'
import Type, { type TSchema, type TUnsafe } from 'typebox'
import { REQUEST_LIMITS } from './read-request.ts'
import type {
  RecommendRequest,
  RecommendResponse,
  RecordResult,
  UserEvent,
} from './recommendation.ts'

/** Refuses fields that are not named. */
export const closed = { additionalProperties: false } as const
const Id = (description: string): TSchema =>
  Type.String({ minLength: 1, maxLength: 256, description })
/** A whole number, 0 or more. */
export const Count = (description: string): TSchema => Type.Integer({ minimum: 0, description })
/** A list of ids. */
export const Ids = (description: string, options: object = {}): TSchema =>
  Type.Array(Type.String(), { description, ...options })
/** A time, RFC 3339. */
export const Time = (description: string): TSchema =>
  Type.String({ format: 'date-time', description })

const historyEvent = {
  itemId: Id('The item that was bought.'),
  timestamp: Time('When it was bought, RFC 3339 with an offset.'),
  quantity: Type.Optional(
    Type.Number({ exclusiveMinimum: 0, default: 1, description: 'Units bought.' }),
  ),
}

/** Fields that say who is asked about, and when. */
export const askedFields: Readonly<Record<'userId' | 'history' | 'asOf', TSchema>> = {
  userId: Type.Optional(Id('Whose stored events to use. Either this or `history`.')),
  history: Type.Optional(
    Type.Array(Type.Object(historyEvent, closed), {
      maxItems: REQUEST_LIMITS.maxHistory,
      description:
        'The purchases to use, in any order; nothing is stored. Either this or `userId`.',
    }),
  ),
  asOf: Type.Optional(
    Time('The time of the question; later events are left out. Now when absent.'),
  ),
}

const filterRef = Type.Unsafe<Filter>({ $ref: 'Filter#' })
const filterList = Type.Array(filterRef, { minItems: 1 })
const filterValues = Type.Array(Type.String(), { minItems: 1, maxItems: FILTER_LIMITS.maxValues })

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
        field: Type.Literal('price'),
        min: Type.Optional(Type.Number()),
        max: Type.Optional(Type.Number()),
      },
      { ...closed, minProperties: 2 },
    ),
    Type.Object({ field: Type.Literal('categoryPath'), under: filterValues }, closed),
    Type.Object({ field: Type.Enum(['itemId', 'title']), in: filterValues }, closed),
  ],
})

/** Body of `POST /v1/recommendations`. */
export const recommendRequestSchema: TUnsafe<RecommendRequest> = Type.Unsafe<RecommendRequest>(
  Type.Object(
    {
      ...askedFields,
      k: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: REQUEST_LIMITS.maxK,
          default: 10,
          description: 'Most items wanted.',
        }),
      ),
      exclude: Type.Optional(
        Ids('Items that must not be recommended.', { maxItems: REQUEST_LIMITS.maxExclude }),
      ),
      filter: Type.Optional(filterRef),
      explain: Type.Optional(
        Type.Boolean({ default: true, description: 'Whether each item says why it is there.' }),
      ),
      includeSuppressed: Type.Optional(
        Type.Boolean({
          default: false,
          description:
            'Whether items stay in that a durable in the history speaks against for now.',
        }),
      ),
    },
    closed,
  ),
)

/** Body of `POST /v1/events`. */
export const eventsSchema: TUnsafe<{ readonly events: readonly UserEvent[] }> = Type.Unsafe(
  Type.Object(
    {
      events: Type.Array(
        Type.Object(
          {
            userId: Id('Who bought.'),
            ...historyEvent,
            eventId: Type.Optional(Id('Sent again for the same user, the event is stored once.')),
          },
          closed,
        ),
        { minItems: 1, maxItems: REQUEST_LIMITS.maxEvents },
      ),
    },
    closed,
  ),
)

const reasonSchema = Type.Union([
  Type.Object({
    code: Type.Literal('repeat'),
    timesBought: Type.Integer({
      description: 'Distinct UTC days on which the customer bought the item.',
    }),
    daysSinceLast: Type.Integer(),
    typicalGapDays: Type.Union([Type.Number(), Type.Null()], {
      description: 'Median days between two purchases.',
    }),
  }),
  Type.Object({
    code: Type.Literal('because-of', {
      description: 'Leaving this item out of the history lowers the score most.',
    }),
    itemId: Type.String(),
    title: Type.Union([Type.String(), Type.Null()]),
  }),
  Type.Object({ code: Type.Literal('sequence', { description: 'The history as a whole.' }) }),
  Type.Object({
    code: Type.Literal('similar-customers', {
      description: 'Customers with a history like this one bought it lately.',
    }),
  }),
  Type.Object({
    code: Type.Literal('popular', {
      description: "What sells well lately, not this customer's history, puts it there.",
    }),
  }),
])

/** A probability. */
export const Probability = (description: string): TSchema =>
  Type.Number({ minimum: 0, maximum: 1, description })

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

/** Answer of `POST /v1/recommendations`. */
export const recommendResponseSchema: TUnsafe<RecommendResponse> = Type.Unsafe<RecommendResponse>(
  Type.Object({
    recommendationId: Type.String(),
    modelVersion: Type.String(),
    path: Type.Enum(['model', 'popular'], {
      description:
        '`model`: ranked for this customer. `popular`: the same for everyone, for the cause in `note`.',
    }),
    ranking: Type.Optional(
      Type.Enum([...RANKINGS], { description: 'What ranked the list, where the path is `model`.' }),
    ),
    asOf: Time('The time of the question.'),
    items: Type.Array(
      Type.Object({
        itemId: Type.String(),
        rank: Type.Integer({ minimum: 1 }),
        score: Type.Number({ description: 'Higher is better; comparable within one list only.' }),
        title: Type.Optional(Type.String()),
        price: Type.Optional(Type.Number()),
        reason: Type.Optional(reasonSchema),
        forecast: Type.Optional(forecastSchema),
        trained: Type.Boolean({ description: 'False for an item without events in training.' }),
      }),
    ),
    history: Type.Object({
      used: Count('Events that the network saw.'),
      truncated: Count("Older events beyond the network's length; they still count as repeats."),
      later: Count('Events after `asOf`, left out.'),
      unknownItemIds: Ids('Items that the model does not know; their events are left out.'),
    }),
    candidates: Type.Object({
      considered: Count('Items of the catalogue.'),
      afterExclude: Count('Items left after `exclude`.'),
      afterFilter: Count('Items left after `exclude` and `filter`.'),
      suppressed: Count('Items of those left out because of a durable in the history.'),
      unknownExcluded: Count('Ids in `exclude` that the model does not know.'),
    }),
    note: Type.Optional(Type.String()),
  }),
)

/** Answer of `POST /v1/events`. */
export const recordResultSchema: TUnsafe<RecordResult> = Type.Unsafe<RecordResult>(
  Type.Object({
    accepted: Count('Events stored.'),
    duplicates: Count('Events whose `eventId` was stored before.'),
    tooOld: Count("Events older than all that the user's full history holds."),
    unknownItemIds: Ids(
      'Items that the model does not know; their events are stored all the same.',
    ),
  }),
)

/** Answer of `GET /healthz`. */
export interface Health {
  readonly status: 'ok'
  readonly modelVersion: string
  readonly index: { readonly kind: string; readonly note?: string }
  readonly numItems: number
}

/** Schema of {@link Health}. */
export const healthSchema: TUnsafe<Health> = Type.Unsafe<Health>(
  Type.Object({
    status: Type.Literal('ok'),
    modelVersion: Type.String(),
    index: Type.Object({ kind: Type.Enum(['exact', 'hnsw']), note: Type.Optional(Type.String()) }),
    numItems: Type.Integer(),
  }),
)

/** Body of every answer that is an error. */
export const errorSchema: TUnsafe<{ code: string; message: string }> = Type.Unsafe(
  Type.Object({
    code: Type.String({ description: 'Stable; made for programs.' }),
    message: Type.String({
      description: 'What was expected, what came, and the way out; made for people.',
    }),
  }),
)
