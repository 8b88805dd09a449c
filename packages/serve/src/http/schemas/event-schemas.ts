import Type, { type TSchema, type TUnsafe } from 'typebox'
import { REQUEST_LIMITS } from '../../read-value.ts'
import type { HistoryEvent, RecordResult, UserEvent } from '../../recommendation.ts'
import { Count, closed, Id, Ids, Time } from './shared-schemas.ts'

/** Fields of a purchase of a history. */
export const historyEventFields: Readonly<Record<keyof HistoryEvent, TSchema>> = {
  itemId: Id('The item that was bought.'),
  timestamp: Time('When it was bought, RFC 3339 with an offset.'),
  quantity: Type.Optional(
    Type.Number({ exclusiveMinimum: 0, default: 1, description: 'Units bought.' }),
  ),
}

const userEventFields: Readonly<Record<keyof UserEvent, TSchema>> = {
  userId: Id('Who bought.'),
  ...historyEventFields,
  eventId: Type.Optional(Id('Sent again for the same user, the event is stored once.')),
  consent: Type.Optional(
    Type.Boolean({
      default: true,
      description: 'False when the user did not agree to be remembered: the event is not stored.',
    }),
  ),
}

const example = {
  userId: 'C0007',
  itemId: 'green-tea',
  timestamp: '2026-01-31T18:30:00Z',
  quantity: 2,
  eventId: 'order-981/1',
}

/** Many purchases. */
export interface EventBatch {
  readonly events: readonly UserEvent[]
}

/**
 * Body of `POST /v1/events`: one event, or many in `events`.
 *
 * Which of the two is meant follows from whether `events` is there, so that an error names the field of that one alone.
 */
export const eventsSchema: TUnsafe<UserEvent | EventBatch> = Type.Unsafe({
  if: { type: 'object', required: ['events'] },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema; nothing awaits a schema.
  then: Type.Object(
    {
      events: Type.Array(Type.Object(userEventFields, closed), {
        minItems: 1,
        maxItems: REQUEST_LIMITS.maxEvents,
      }),
    },
    closed,
  ),
  else: Type.Object(userEventFields, closed),
  examples: [example, { events: [example] }],
})

/** Answer of `POST /v1/events`. */
export const recordResultSchema: TUnsafe<RecordResult> = Type.Unsafe<RecordResult>(
  Type.Object(
    {
      accepted: Count('Events stored.'),
      duplicates: Count('Events whose `eventId` was stored before.'),
      tooOld: Count('Events older than what the store keeps of the user.'),
      withoutConsent: Count('Events not stored for want of consent.'),
      unknownItemIds: Ids(
        'Items that the model does not know; their events are stored all the same.',
      ),
    } satisfies Record<keyof RecordResult, TSchema>,
    {
      description: 'What became of the events.',
      examples: [{ accepted: 1, duplicates: 0, tooOld: 0, withoutConsent: 0, unknownItemIds: [] }],
    },
  ),
)
