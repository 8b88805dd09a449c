import { FEEDBACK_OUTCOMES, type Feedback } from './feedback.ts'
import {
  checkId,
  checkLength,
  checkObject,
  invalid,
  REQUEST_LIMITS,
  readTimestamp,
} from './read-value.ts'
import { type AnswerOrigin, readRecommendationId } from './recommendation-id.ts'

/** Checked {@link Feedback}. */
export interface CheckedFeedback extends Pick<Feedback, 'items' | 'userId'> {
  readonly origin: AnswerOrigin
  /** Milliseconds since 1970-01-01 UTC. */
  readonly timestampMs: number
}

/**
 * Checks feedback that came from outside.
 *
 * @param nowMs - When it happened if the feedback does not say.
 * @throws {@link RecommenderError} `INVALID_INPUT` naming the field.
 */
export function readFeedback(feedback: Feedback, nowMs: number): CheckedFeedback {
  checkObject('feedback', feedback)
  const { recommendationId, userId, items, timestamp } = feedback
  const origin = readRecommendationId(recommendationId)
  if (userId !== undefined) checkId('userId', userId)
  checkLength('items', items, REQUEST_LIMITS.maxFeedbackItems)
  items.forEach((item, i) => {
    checkObject(`items[${i}]`, item)
    const { itemId, outcome } = item
    checkId(`items[${i}].itemId`, itemId)
    if (!FEEDBACK_OUTCOMES.includes(outcome))
      throw invalid(`items[${i}].outcome`, `to be one of ${FEEDBACK_OUTCOMES.join(', ')}`, outcome)
  })
  const timestampMs = timestamp === undefined ? nowMs : readTimestamp('timestamp', timestamp)
  return { origin, userId, items, timestampMs }
}
