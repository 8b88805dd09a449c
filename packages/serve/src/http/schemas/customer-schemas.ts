import { type CategoryOutlook, LIFECYCLE_STAGES } from '@perennial/core'
import Type, { type TUnsafe } from 'typebox'
import type { CustomerDescription, DescribeCustomerRequest } from './customer-description.ts'
import {
  askedFields,
  Count,
  closed,
  forecastSchema,
  Ids,
  Probability,
  Time,
} from './http-schemas.ts'
import { REQUEST_LIMITS } from './read-request.ts'

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

/** Body of `POST /v1/customers/describe`. */
export const describeCustomerRequestSchema: TUnsafe<DescribeCustomerRequest> =
  Type.Unsafe<DescribeCustomerRequest>(
    Type.Object(
      {
        ...askedFields,
        maxRepeats: Type.Optional(
          Type.Integer({
            minimum: 0,
            maximum: REQUEST_LIMITS.maxK,
            default: 10,
            description: 'Most repeats wanted.',
          }),
        ),
      },
      closed,
    ),
  )

/** Answer of `POST /v1/customers/describe`. */
export const customerDescriptionSchema: TUnsafe<CustomerDescription> =
  Type.Unsafe<CustomerDescription>(
    Type.Object({
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
    }),
  )
