import type { Subject } from '../subject.ts'
import type { OperationTime } from './measure-operation.ts'
import {
  type MeasureOperationsOptions,
  measureOperations,
  type SkippedOperation,
} from './measure-operations.ts'
import {
  type MeasuredRequests,
  type MeasureRequestsOptions,
  measureRequests,
} from './measure-requests.ts'

/** Times measured on one artifact. */
export interface ArtifactLatency extends MeasuredRequests {
  readonly modelVersion: string
  readonly numItems: number
  readonly dim: number
  readonly maxLength: number
  readonly numUsers: number
  readonly numEvents: number
  readonly operations: readonly (OperationTime | SkippedOperation)[]
}

/** How the figures came to be, for the result. */
export const LATENCY_METHOD = {
  operations:
    'one operation at a time in this process, sampled by the package benchmark; a sample is the mean of many calls',
  requests:
    'closed loop: one caller, each request sent when the last is answered, so waiting in a queue does not show; users by the law of Zipf, k = 10; http is fetch with keep-alive to 127.0.0.1 from the same process',
  reference:
    'median time of a fixed piece of work, JSON and dot products, before and after; inReferences are medians over the mean of both',
} as const

/** Measures the parts of a recommendation, then whole recommendations. */
export async function measureLatency(
  subject: Subject,
  options: MeasureOperationsOptions & MeasureRequestsOptions,
): Promise<ArtifactLatency> {
  const { manifest, catalog } = subject.artifact
  const { dim, maxLength } = manifest.encoder
  const operations = await measureOperations(subject, options)
  const requests = await measureRequests(subject, options)
  return {
    modelVersion: manifest.modelVersion,
    numItems: catalog.numItems,
    dim,
    maxLength,
    numUsers: subject.events.userIds.length,
    numEvents: subject.events.userRows.length,
    operations,
    ...requests,
  }
}

/** Returns the median time of each operation, by name, over the time of the reference work of the same run. */
export function divideOperations(
  { operations }: Pick<ArtifactLatency, 'operations'>,
  referenceMs: number,
): Record<string, number> {
  return Object.fromEntries(
    operations.flatMap((one) =>
      'skipped' in one ? [] : [[one.name, one.medianMicros / 1000 / referenceMs]],
    ),
  )
}
