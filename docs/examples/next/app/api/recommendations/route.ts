// #region next-route
import type { RecommendRequest } from '@perennial/serve'
import { answerError } from '../../../lib/answer-error.ts'
import { getRecommender } from '../../../lib/recommender.ts'

export const runtime = 'nodejs'

/** Answers with a list for one customer. */
export async function POST(request: Request): Promise<Response> {
  try {
    const body = (await request.json()) as RecommendRequest
    const recommender = await getRecommender()
    return Response.json(await recommender.recommend(body))
  } catch (error) {
    return answerError(error)
  }
}
// #endregion
