import { availableParallelism, totalmem } from 'node:os'
import { parameterShapes, RecommenderError } from '@perennial/core'
import { ANSWERS_A_VISIT } from './asked-sequence.ts'
import { numTables } from './model-state.ts'
import type { FitConfig } from './options.ts'
import { READING_BYTES } from './shards/shard-source.ts'

/** How much there is to train on. */
export interface TrainingSize {
  readonly numItems: number
  /** @defaultValue 0 */
  readonly numUsers?: number | undefined
  /** @defaultValue 0 */
  readonly numEvents?: number | undefined
  /** Events of a window, where the others stay on disk. @defaultValue all events are in memory */
  readonly windowEvents?: number | undefined
  /** Validation cases; with some, the best weights are kept beside the current ones. @defaultValue 0 */
  readonly numCases?: number | undefined
  /** Weeks of training events, for which a popularity prior has logits each. @defaultValue 0 */
  readonly numWeeks?: number | undefined
  /** Threads of the engine. @defaultValue the cores of the machine, at most 16 */
  readonly numThreads?: number | undefined
}

/** Bytes that a run is expected to hold at its peak. */
export interface MemoryEstimate {
  readonly totalBytes: number
  readonly parts: {
    /** `(numItems + 1) dim` floats, twice with untied output embeddings. */
    readonly itemVectors: number
    /** Two such tables. */
    readonly itemMoments: number
    /** Weights of the best validation. */
    readonly bestWeights: number
    /** Weights of the network, moments, and a gradient a thread; here and in the engine. */
    readonly network: number
    /** Vectors and gradients of the items that a step uses. */
    readonly step: number
    /** Logits of a popularity prior: a row of items a week. */
    readonly prior: number
    /** What is known of each item: record, count, running sum of counts. */
    readonly catalog: number
    /** Ids and, unless they stay on disk, offsets of users. */
    readonly users: number
    /** All events, or two windows of shards and what reading needs. */
    readonly events: number
    /** Scores of one round of questions, twice; for cosines the item vectors once more. */
    readonly validation: number
    /** Node itself, compiled code and threads. */
    readonly process: number
  }
}

const FLOAT = 4
/** Id, record and map entry of an item without texts. */
const RECORD_BYTES = 350
const ID_BYTES = 64
const STREAMED_ID_BYTES = 16
/** Item row, time, quantity and price. */
const EVENT_BYTES = 20
const STREAMED_EVENT_BYTES = 12
const MAX_SCORE_BYTES = 256 << 20
const PROCESS_BYTES = 250 << 20
/** Rows of logits that the loss has at one time. */
const LOGIT_ROWS = 48

/**
 * Returns the memory that training takes, by part; nothing is allocated. Of a streamed run no part grows with the
 * number of events.
 */
export function estimateTrainingMemory(
  config: FitConfig,
  {
    numItems,
    numUsers = 0,
    numEvents = 0,
    windowEvents,
    numCases = 0,
    numWeeks = 0,
    numThreads = Math.min(16, availableParallelism()),
  }: TrainingSize,
): MemoryEstimate {
  const { encoder, loss, batchSize, numNegatives, popularityPrior } = config
  const { dim, maxLength } = encoder
  const table = FLOAT * numTables(encoder) * (numItems + 1) * dim
  const weights =
    FLOAT *
    Array.from(parameterShapes(encoder).values(), (shape) =>
      shape.reduce((product, size) => product * size, 1),
    ).reduce((sum, size) => sum + size, 0)
  const tokens = batchSize * maxLength
  // At most: every event may be a visit of its own.
  const questions = tokens * (config.objective === 'horizon' ? ANSWERS_A_VISIT : 1)
  const lists = { batch: 1, sequence: batchSize, token: questions }[config.negativesSharedBy]
  const full = loss === 'softmax'
  const inputs = encoder.outputEmbeddings === 'tied' ? 0 : Math.min(numItems, tokens)
  const outputs = full ? numItems : Math.min(numItems, tokens + questions + lists * numNegatives)
  const used = inputs + outputs
  const candidates = full ? numItems : numNegatives
  const parts = {
    itemVectors: table,
    itemMoments: 2 * table,
    bestWeights: numCases > 0 ? table + weights : 0,
    // Weights and two moments here and in the engine, transposed weights there, and a gradient a thread.
    network: weights * (7 + numThreads),
    // Vectors once, or twice where the full softmax reads them transposed, and a gradient a thread.
    step:
      FLOAT * used * dim * ((full ? 2 : 1) + numThreads) +
      FLOAT * LOGIT_ROWS * candidates * numThreads,
    // The weeks, and those that a batch asks in.
    prior: popularityPrior > 0 ? FLOAT * ((numWeeks + 2) * (numItems + 1) + numWeeks * outputs) : 0,
    catalog: (RECORD_BYTES + 16) * (numItems + 1),
    users: numUsers * (windowEvents === undefined ? ID_BYTES + 8 : STREAMED_ID_BYTES),
    events:
      windowEvents === undefined
        ? EVENT_BYTES * numEvents
        : 2 * STREAMED_EVENT_BYTES * windowEvents + READING_BYTES,
    validation:
      2 * Math.min(MAX_SCORE_BYTES, FLOAT * (numItems + 1) * Math.min(256, numCases)) +
      // Cosines are asked of a copy of the table whose vectors have length 1.
      (numCases > 0 && encoder.similarity === 'cosine' ? table : 0),
    process: PROCESS_BYTES,
  }
  return { totalBytes: Object.values(parts).reduce((sum, bytes) => sum + bytes, 0), parts }
}

/** Returns an estimate in words: the total, then its parts of a hundredth or more, largest first. */
export function describeMemory({ totalBytes, parts }: MemoryEstimate): string {
  const inGb = (bytes: number): string => `${(bytes / 1e9).toFixed(2)} GB`
  const named = Object.entries(parts)
    .filter(([, bytes]) => bytes >= totalBytes / 100)
    .sort(([, a], [, b]) => b - a)
    .map(([name, bytes]) => `${PART_NAMES[name as keyof typeof parts]} ${inGb(bytes)}`)
  return `${inGb(totalBytes)} (${named.join(', ')})`
}

const PART_NAMES: Readonly<Record<keyof MemoryEstimate['parts'], string>> = {
  itemVectors: 'item vectors',
  itemMoments: 'their moments',
  bestWeights: 'best weights',
  network: 'network',
  step: 'a step',
  prior: 'popularity prior',
  catalog: 'catalogue',
  users: 'users',
  events: 'events',
  validation: 'validation',
  process: 'Node and threads',
}

/**
 * Throws `OUT_OF_MEMORY` with the figures when a run would need more than there is.
 *
 * @param availableBytes - @defaultValue the memory of the machine
 */
export function checkTrainingMemory(
  estimate: MemoryEstimate,
  availableBytes: number = totalmem(),
): void {
  if (estimate.totalBytes <= availableBytes) return
  throw new RecommenderError(
    'OUT_OF_MEMORY',
    `Expected training to fit in the ${(availableBytes / 1e9).toFixed(2)} GB of this machine, but it takes about ${describeMemory(estimate)}. Use a smaller \`dim\`, fewer items, or events streamed from disk.`,
  )
}
