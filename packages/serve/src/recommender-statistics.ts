import type { FeedbackCount } from './feedback-counter.ts'
import type { ServedModel } from './served-model.ts'

/** What a running recommender counts. */
export interface RecommenderStatistics {
  readonly modelVersion: string
  /** Items of the artifact, and those that came after it. */
  readonly numItems: number
  readonly numNewItems: number
  readonly index: {
    readonly kind: string
    readonly memoryBytes: number
    /** Rows that are no longer to be found. */
    readonly numTombstones: number
  }
  /** Share of the best items that searches found, on those sampled; absent before the first. */
  readonly sampledRecall?: { readonly recall: number; readonly numSearches: number }
  /** Queries kept from a user's last answer. */
  readonly queryCache: {
    readonly numUsers: number
    readonly numHits: number
    readonly numMisses: number
  }
  readonly encoder: {
    readonly queueLength: number
    readonly numRuns: number
    readonly numEncoded: number
  }
  readonly filterCache: { readonly numRequests: number; readonly numHits: number }
  /** Answers since the start, by path. */
  readonly answers: { readonly model: number; readonly popular: number; readonly similar: number }
  readonly feedback: readonly FeedbackCount[]
  readonly store: 'memory' | 'lmdb' | 'redis'
  /** Items of the store that could not be applied, and times that it could not be read. */
  readonly numItemProblems: number
  readonly numItemStoreFailures: number
}

/** What is counted outside the model. */
export type ServiceCounts = Pick<
  RecommenderStatistics,
  'answers' | 'feedback' | 'store' | 'numItemProblems' | 'numItemStoreFailures'
>

/** Puts together what a model and the service around it counted. */
export function collectStatistics(
  model: ServedModel,
  counts: ServiceCounts,
): RecommenderStatistics {
  const { attributes, numArtifactItems, index, queries, encoder, filters } = model
  const sampledRecall = index.sampledRecall?.()
  return {
    modelVersion: model.modelVersion,
    numItems: attributes.numItems,
    numNewItems: attributes.numItems - numArtifactItems,
    index: {
      kind: index.kind,
      memoryBytes: index.memoryBytes,
      numTombstones: index.numTombstones,
    },
    ...(sampledRecall === undefined ? {} : { sampledRecall }),
    queryCache: {
      numUsers: queries.numUsers,
      numHits: queries.numHits,
      numMisses: queries.numMisses,
    },
    encoder: {
      queueLength: encoder.length,
      numRuns: encoder.numRuns,
      numEncoded: encoder.numEncoded,
    },
    filterCache: { numRequests: filters.numRequests, numHits: filters.numHits },
    ...counts,
  }
}
