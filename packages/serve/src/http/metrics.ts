import type { FastifyReply, FastifyRequest } from 'fastify'
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client'
import type { RecommenderStatistics } from '../recommender-statistics.ts'
import { routeOf } from './request-log.ts'
import { addStatisticsGauges } from './statistics-gauges.ts'

/** What one server measures; labels are routes, methods, status classes and stages, never ids. */
export interface ServerMetrics {
  readonly contentType: string
  /** Adds the time of one step of an answer, in milliseconds. */
  readonly observeStage: (stage: string, durationMs: number) => void
  /** Adds the time of one answer. */
  readonly observeAnswer: (request: FastifyRequest, reply: FastifyReply) => void
  /** Returns all of it, with what the recommender counts, in the text form of Prometheus. */
  readonly render: (statistics: RecommenderStatistics) => Promise<string>
}

/** Creates empty metrics, with those of the process. */
export function createServerMetrics(): ServerMetrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const setGauges = addStatisticsGauges(registry)
  const answers = new Histogram({
    name: 'perennial_http_request_duration_seconds',
    help: 'Time from the head of a request to the end of its answer.',
    labelNames: ['route', 'method', 'status'] as const,
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [registry],
  })
  const stages = new Histogram({
    name: 'perennial_stage_duration_seconds',
    help: 'Time of one step of an answer.',
    labelNames: ['stage'] as const,
    buckets: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1],
    registers: [registry],
  })
  return {
    contentType: registry.contentType,
    observeStage: (stage, durationMs) => stages.observe({ stage }, durationMs / 1000),
    observeAnswer: (request, reply) => {
      const status = `${Math.floor(reply.statusCode / 100)}xx`
      const labels = { route: routeOf(request), method: request.method, status }
      answers.observe(labels, reply.elapsedTime / 1000)
    },
    render: (statistics) => {
      setGauges(statistics)
      return registry.metrics()
    },
  }
}
