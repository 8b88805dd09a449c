import type { HttpApp } from '../http-app.ts'
import type { RecommenderPort } from '../recommender-port.ts'
import { feedbackResultSchema, feedbackSchema } from '../schemas/feedback-schemas.ts'

/** Adds the route that takes what customers did with recommended items. */
export function addFeedbackRoutes(app: HttpApp, recommender: RecommenderPort): void {
  app.post(
    '/v1/feedback',
    {
      config: { scope: 'write' },
      schema: {
        operationId: 'recordFeedback',
        tags: ['recommendations'],
        summary: 'Say what became of recommended items',
        body: feedbackSchema,
        response: { 200: feedbackResultSchema },
      },
    },
    async ({ body }) => recommender.recordFeedback(body),
  )
}
