import type { HttpApp } from '../http-app.ts'
import type { RecommenderPort } from '../recommender-port.ts'
import { eventsSchema, recordResultSchema } from '../schemas/event-schemas.ts'

/** Adds the route that takes purchases. */
export function addEventRoutes(app: HttpApp, recommender: RecommenderPort): void {
  app.post(
    '/v1/events',
    {
      config: { scope: 'write' },
      schema: {
        operationId: 'recordEvents',
        tags: ['users'],
        summary: 'Record a purchase, or many',
        body: eventsSchema,
        response: { 200: recordResultSchema },
      },
    },
    async ({ body }) => recommender.recordEvents('events' in body ? body.events : [body]),
  )
}
