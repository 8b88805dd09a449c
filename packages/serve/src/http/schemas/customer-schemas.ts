import { type CategoryOutlook, LIFECYCLE_STAGES } from '@perennial/core'
import Type, { type TSchema, type TUnsafe } from 'typebox'
import type { CustomerDescription, DescribeCustomerRequest } from '../../customer-description.ts'
import { REQUEST_LIMITS } from '../../read-value.ts'
import { forecastSchema } from './recommendation-response-schemas.ts'
import { askedFields } from './recommendation-schemas.ts'
import { Count, closed, Ids, Probability, Time } from './shared-schemas.ts'

/** Schema of {@link CategoryOutlook}, shared by name because it contains itself. */
export const categoryOutlookSchema: TUnsafe<CategoryOutlook> = Type.Unsafe<CategoryOutlook>(
  Type.Object(
    {
      path: Type.Array(Type.String(), {
        description: 'Widest level first; empty for anything at all.',
      }),
      probability: Probability('That the customer buys anything of the category within 28 days.'),
      children: Type.Array(Type.Unsafe<CategoryOutlook>({ $ref: 'CategoryOutlook#' })),
    },
    { $id: 'CategoryOutlook' },
  ),
)

const maxRepeatsField = Type.Optional(
  Type.Integer({
    minimum: 0,
    maximum: REQUEST_LIMITS.maxK,
    default: 10,
    description: 'Most repeats wanted.',
  }),
)

/** Query string of `GET /v1/users/{userId}`. */
export const describeQuerySchema: TUnsafe<Pick<DescribeCustomerRequest, 'asOf' | 'maxRepeats'>> =
  Type.Unsafe(Type.Object({ asOf: askedFields.asOf, maxRepeats: maxRepeatsField }, closed))

/** Body of `POST /v1/customers/describe`. */
export const describeCustomerRequestSchema: TUnsafe<DescribeCustomerRequest> =
  Type.Unsafe<DescribeCustomerRequest>(
    Type.Object(
      {
        ...askedFields,
        maxRepeats: maxRepeatsField,
      } satisfies Record<keyof DescribeCustomerRequest, TSchema>,
      { ...closed, examples: [{ userId: 'C0007', maxRepeats: 3 }] },
    ),
  )

const example: CustomerDescription = {
  modelVersion: 'shop@2026-01-31',
  asOf: '2026-02-01T00:00:00.000Z',
  visits: 2,
  daysSinceLastVisit: 8,
  stage: 'active',
  typicalGapDays: 17.5,
  expected: { visits: 1.4, value: 23.5 },
  buys: { within7Days: 0.31, within28Days: 0.68, within90Days: 0.88 },
  categories: {
    path: [],
    probability: 0.66,
    children: [{ path: ['Pantry'], probability: 0.61, children: [] }],
  },
  repeats: [],
  history: { later: 0, unknownItemIds: [] },
  notes: [],
}

/** Answer of `POST /v1/customers/describe`. */
export const customerDescriptionSchema: TUnsafe<CustomerDescription> =
  Type.Unsafe<CustomerDescription>(
    Type.Object(
      {
        modelVersion: Type.String(),
        asOf: Time('The time of the question.'),
        visits: Count('Days up to `asOf` on which the customer bought something.'),
        daysSinceLastVisit: Type.Optional(Count('Days since the newest of them.')),
        stage: Type.Optional(
          Type.Enum([...LIFECYCLE_STAGES], {
            description: 'Where the customer stands by his own cadence.',
          }),
        ),
        typicalGapDays: Type.Optional(
          Type.Number({ description: "Days between visits, drawn towards the shop's at first." }),
        ),
        expected: Type.Optional(
          Type.Object(
            {
              visits: Type.Number({ minimum: 0 }),
              value: Type.Optional(
                Type.Number({ description: 'In the currency of the training data.' }),
              ),
            },
            { description: 'What is expected within 28 days.' },
          ),
        ),
        buys: Type.Optional(
          Type.Object({
            within7Days: Probability('That the customer buys anything within 7 days.'),
            within28Days: Probability('Within 28 days.'),
            within90Days: Probability('Within 90 days.'),
          }),
        ),
        categories: Type.Optional(Type.Unsafe<CategoryOutlook>({ $ref: 'CategoryOutlook#' })),
        repeats: Type.Optional(
          Type.Array(
            Type.Object({
              itemId: Type.String(),
              title: Type.Optional(Type.String()),
              price: Type.Optional(Type.Number()),
              timesBought: Count('Distinct UTC days on which the customer bought the item.'),
              daysSinceLast: Type.Integer(),
              forecast: forecastSchema,
            }),
            { description: 'Items bought before, the most probable within 28 days first.' },
          ),
        ),
        history: Type.Object({
          later: Count('Events after `asOf`, left out.'),
          unknownItemIds: Ids('Items that the model does not know; they count as visits alone.'),
        }),
        notes: Type.Array(Type.String(), {
          description: 'A sentence for each thing that is not known.',
        }),
      } satisfies Record<keyof CustomerDescription, TSchema>,
      {
        description: 'Where the customer stands and what to expect.',
        examples: [example],
      },
    ),
  )
