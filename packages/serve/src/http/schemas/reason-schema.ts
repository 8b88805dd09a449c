import type { Reason } from '@perennial/core'
import Type, { type TSchema } from 'typebox'

const category = Type.Array(Type.String(), { description: 'Category path, widest level first.' })
const title = Type.Union([Type.String(), Type.Null()])
const bound = Type.Union([Type.Number(), Type.Null()])

/** Meaning and further fields of each reason. */
const REASONS: Readonly<
  Record<Reason['code'], { readonly means: string; readonly fields: Record<string, TSchema> }>
> = {
  repeat: {
    means: 'The customer bought it before.',
    fields: {
      timesBought: Type.Integer({
        description: 'Distinct UTC days on which the customer bought the item.',
      }),
      daysSinceLast: Type.Integer(),
      typicalGapDays: Type.Union([Type.Number(), Type.Null()], {
        description: 'Median days between two purchases.',
      }),
    },
  },
  'because-of': {
    means: 'Leaving this item out of the history lowers the score most.',
    fields: { itemId: Type.String(), title },
  },
  sequence: { means: 'The history as a whole.', fields: {} },
  'similar-customers': {
    means: 'Customers with a history like this one bought it lately.',
    fields: {},
  },
  popular: {
    means: "What sells well lately, not this customer's history, puts it there.",
    fields: {},
  },
  'goes-with': {
    means: 'It is an accessory of something that the customer bought.',
    fields: {
      itemId: Type.String({ description: 'What the customer bought.' }),
      title,
      boughtOn: Type.String({ description: 'Day of that purchase in UTC.' }),
    },
  },
  'new-in-category': {
    means: 'It has come into a category since training.',
    fields: { category },
  },
  'popular-in-category': {
    means: 'It sells well lately among the items of a category.',
    fields: { category },
  },
  'fits-budget': {
    means: 'Its price is within the budget that the request names.',
    fields: { price: Type.Number(), min: bound, max: bound },
  },
}

/** Schema of {@link Reason}. */
export const reasonSchema: TSchema = Type.Union(
  Object.entries(REASONS).map(([code, { means, fields }]) =>
    Type.Object({ code: Type.Literal(code, { description: means }), ...fields }),
  ),
)
