import { randomUUID } from 'node:crypto'
import { RecommenderError } from '@perennial/core'

/** What answered: the customer's history, what sells, or an item's vector. */
export const ANSWER_PATHS = ['model', 'popular', 'similar'] as const

/** One of {@link ANSWER_PATHS}. */
export type AnswerPath = (typeof ANSWER_PATHS)[number]

/** What an id says of its answer. */
export interface AnswerOrigin {
  readonly modelVersion: string
  readonly path: AnswerPath
}

const ID =
  /^(?<modelVersion>.+)\.(?<path>model|popular|similar)\.[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/

/**
 * Returns a new id of an answer. It says itself which model and path answered, so that feedback needs no memory of
 * answers and may come to another process.
 */
export function createRecommendationId({ modelVersion, path }: AnswerOrigin): string {
  return `${modelVersion}.${path}.${randomUUID()}`
}

/**
 * Returns what an id says of its answer.
 *
 * @throws {@link RecommenderError} `INVALID_INPUT` for text that is no such id.
 */
export function readRecommendationId(recommendationId: unknown): AnswerOrigin {
  const groups =
    typeof recommendationId === 'string' ? ID.exec(recommendationId)?.groups : undefined
  if (groups === undefined) {
    throw new RecommenderError(
      'INVALID_INPUT',
      `Expected \`recommendationId\` to be as an answer gave it, got ${String(recommendationId).slice(0, 100)}.`,
    )
  }
  return { modelVersion: groups.modelVersion as string, path: groups.path as AnswerPath }
}
