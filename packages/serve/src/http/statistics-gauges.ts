import { Gauge, type Registry } from 'prom-client'
import type { RecommenderStatistics } from '../recommender-statistics.ts'

/** One value that is read when the metrics are asked for. */
interface Reading {
  readonly name: string
  readonly help: string
  readonly read: (statistics: RecommenderStatistics) => number | undefined
}

const READINGS: readonly Reading[] = [
  { name: 'items', help: 'Items that are served.', read: (s) => s.numItems },
  {
    name: 'new_items',
    help: 'Items of those that came after training.',
    read: (s) => s.numNewItems,
  },
  {
    name: 'index_bytes',
    help: 'Memory of the search structure.',
    read: (s) => s.index.memoryBytes,
  },
  {
    name: 'index_tombstones',
    help: 'Rows of the search structure that are no longer to be found.',
    read: (s) => s.index.numTombstones,
  },
  {
    name: 'index_sampled_recall',
    help: 'Share of the best items that sampled searches found.',
    read: (s) => s.sampledRecall?.recall,
  },
  {
    name: 'index_sampled_searches',
    help: 'Searches sampled for that share.',
    read: (s) => s.sampledRecall?.numSearches,
  },
  {
    name: 'query_cache_users',
    help: 'Users whose last query is kept.',
    read: (s) => s.queryCache.numUsers,
  },
  {
    name: 'query_cache_hits',
    help: 'Queries taken from the cache.',
    read: (s) => s.queryCache.numHits,
  },
  {
    name: 'query_cache_misses',
    help: 'Queries that had to be computed.',
    read: (s) => s.queryCache.numMisses,
  },
  {
    name: 'encoder_queue_length',
    help: 'Histories that wait for the network.',
    read: (s) => s.encoder.queueLength,
  },
  { name: 'encoder_runs', help: 'Runs of the network.', read: (s) => s.encoder.numRuns },
  { name: 'encoded_histories', help: 'Histories encoded.', read: (s) => s.encoder.numEncoded },
  {
    name: 'filter_cache_requests',
    help: 'Filters that were asked for.',
    read: (s) => s.filterCache.numRequests,
  },
  {
    name: 'filter_cache_hits',
    help: 'Filters of those taken from the cache.',
    read: (s) => s.filterCache.numHits,
  },
  {
    name: 'item_problems',
    help: 'Items of the store that could not be applied.',
    read: (s) => s.numItemProblems,
  },
  {
    name: 'item_store_failures',
    help: 'Times that the store of items could not be read.',
    read: (s) => s.numItemStoreFailures,
  },
]

/**
 * Adds gauges of what a recommender counts.
 *
 * Counts begin anew with a process, and those of a model with a reload, so all of them are gauges.
 *
 * @returns What sets them, to be called before they are shown.
 */
export function addStatisticsGauges(
  registry: Registry,
): (statistics: RecommenderStatistics) => void {
  const registers = [registry]
  const gauges = READINGS.map(({ name, help, read }) => ({
    gauge: new Gauge({ name: `perennial_${name}`, help, registers }),
    read,
  }))
  const answers = new Gauge({
    name: 'perennial_answers',
    help: 'Answers since the start, by path.',
    labelNames: ['path'],
    registers,
  })
  const feedback = new Gauge({
    name: 'perennial_feedback_items',
    help: 'Items whose outcome was told, by path of the answer and outcome; `model` is `served` or `other`.',
    labelNames: ['model', 'path', 'outcome'],
    registers,
  })
  const info = new Gauge({
    name: 'perennial_info',
    help: 'What is served, as labels of the value 1.',
    labelNames: ['model', 'index', 'store'],
    registers,
  })
  return (statistics) => {
    const { modelVersion, index, store } = statistics
    for (const { gauge, read } of gauges) {
      const value = read(statistics)
      if (value !== undefined) gauge.set(value)
    }
    for (const [path, count] of Object.entries(statistics.answers)) answers.set({ path }, count)
    feedback.reset()
    for (const { modelVersion: told, path, outcome, numItems } of statistics.feedback) {
      // The version is what the caller wrote into the id, which may be anything.
      feedback.inc({ model: told === modelVersion ? 'served' : 'other', path, outcome }, numItems)
    }
    info.reset()
    info.set({ model: modelVersion, index: index.kind, store }, 1)
  }
}
