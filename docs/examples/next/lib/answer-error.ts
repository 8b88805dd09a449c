// #region next-error
import { ERROR_STATUS, RecommenderError } from '@perennial/serve'

/** Returns the answer to a request that failed; throws on what is neither bad JSON nor an error of the recommender. */
export function answerError(error: unknown): Response {
  if (error instanceof SyntaxError) {
    return Response.json({ code: 'INVALID_INPUT', message: 'Expected JSON.' }, { status: 400 })
  }
  if (!(error instanceof RecommenderError)) throw error
  const { code, message } = error
  if (ERROR_STATUS[code] >= 500) console.error(error)
  return Response.json({ code, message }, { status: ERROR_STATUS[code] })
}
// #endregion
