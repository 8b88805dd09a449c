import Type, { type TSchema, type TUnsafe } from 'typebox'
import { FEEDBACK_OUTCOMES, type Feedback, type FeedbackResult } from '../../feedback.ts'
import { REQUEST_LIMITS } from '../../read-value.ts'
import { ANSWER_PATHS } from '../../recommendation-id.ts'
import { Count, closed, Id, Time } from './shared-schemas.ts'

/** Body of `POST /v1/feedback`. */
export const feedbackSchema: TUnsafe<Feedback> = Type.Unsafe<Feedback>(
  Type.Object(
    {
      recommendationId: Type.String({
        minLength: 1,
        maxLength: REQUEST_LIMITS.maxTextLength,
        description: 'As the answer gave it.',
      }),
      userId: Type.Optional(Id('Whose answer it was.')),
      items: Type.Array(
        Type.Object(
          {
            itemId: Id('An item of the answer.'),
            outcome: Type.Enum([...FEEDBACK_OUTCOMES], {
              description: 'What the customer did with it.',
            }),
          },
          closed,
        ),
        { minItems: 1, maxItems: REQUEST_LIMITS.maxFeedbackItems },
      ),
      timestamp: Type.Optional(Time('When it happened. Now when absent.')),
    } satisfies Record<keyof Feedback, TSchema>,
    {
      ...closed,
      examples: [
        {
          recommendationId: 'shop@2026-01-31.model.0b0c6a3e-7f52-4c0b-9a1d-2f6f0e2f7d11',
          userId: 'C0007',
          items: [
            { itemId: 'coffee-beans', outcome: 'clicked' },
            { itemId: 'green-tea', outcome: 'shown' },
          ],
        },
      ],
    },
  ),
)

/** Answer of `POST /v1/feedback`. */
export const feedbackResultSchema: TUnsafe<FeedbackResult> = Type.Unsafe<FeedbackResult>(
  Type.Object(
    {
      accepted: Count('Items whose outcome was taken.'),
      modelVersion: Type.String(),
      path: Type.Enum([...ANSWER_PATHS], { description: 'Path of the answer.' }),
    } satisfies Record<keyof FeedbackResult, TSchema>,
    {
      description: 'What was made of the feedback.',
      examples: [{ accepted: 2, modelVersion: 'shop@2026-01-31', path: 'model' }],
    },
  ),
)
