import type { UserEvent } from '@perennial/serve'
import { answerError } from '../../../lib/answer-error.ts'
import { getRecommender } from '../../../lib/recommender.ts'

export const runtime = 'nodejs'

/** Stores purchases, and answers once they are kept for good. */
export async function POST(request: Request): Promise<Response> {
  try {
    const body = (await request.json()) as UserEvent[]
    const recommender = await getRecommender()
    return Response.json(await recommender.recordEvents(body))
  } catch (error) {
    return answerError(error)
  }
}
