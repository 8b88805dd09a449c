import type { AnswerPath } from './recommendation-id.ts'

/** What a customer did with items of a recommendation. */
export const FEEDBACK_OUTCOMES = ['shown', 'clicked', 'bought', 'dismissed'] as const

/** One of {@link FEEDBACK_OUTCOMES}. */
export type FeedbackOutcome = (typeof FEEDBACK_OUTCOMES)[number]

/** What became of the items of one answer. */
export interface Feedback {
  /** As the answer gave it. */
  readonly recommendationId: string
  /** Whose answer it was; shown items of a known user go down in his next lists. */
  readonly userId?: string | undefined
  readonly items: readonly {
    readonly itemId: string
    readonly outcome: FeedbackOutcome
  }[]
  /** When it happened, RFC 3339. @defaultValue now */
  readonly timestamp?: string | undefined
}

/** What was made of feedback. */
export interface FeedbackResult {
  readonly accepted: number
  /** Model and path of the answer, as its id tells. */
  readonly modelVersion: string
  readonly path: AnswerPath
}
