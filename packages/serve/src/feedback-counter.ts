import type { FeedbackOutcome } from './feedback.ts'
import type { AnswerOrigin } from './recommendation-id.ts'

/** How often an outcome was reported of items that one model and path recommended. */
export interface FeedbackCount extends AnswerOrigin {
  readonly outcome: FeedbackOutcome
  readonly numItems: number
}

/** Counts feedback since the start. */
export interface FeedbackCounter {
  add(origin: AnswerOrigin, outcome: FeedbackOutcome): void
  counts(): FeedbackCount[]
}

/** Model versions told apart; ids come from outside, and each new one would otherwise stay. */
const MAX_MODELS = 16

/** Creates a counter; feedback of more than 16 model versions is counted under `other`. */
export function createFeedbackCounter(): FeedbackCounter {
  const entries = new Map<string, FeedbackCount>()
  const modelVersions = new Set<string>()
  return {
    add: (origin, outcome) => {
      if (modelVersions.size < MAX_MODELS) modelVersions.add(origin.modelVersion)
      const modelVersion = modelVersions.has(origin.modelVersion) ? origin.modelVersion : 'other'
      const key = JSON.stringify([modelVersion, origin.path, outcome])
      const numItems = (entries.get(key)?.numItems ?? 0) + 1
      entries.set(key, { modelVersion, path: origin.path, outcome, numItems })
    },
    counts: () => [...entries.values()],
  }
}
