import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import {
  ACTIVITY_HORIZONS,
  assessCustomers,
  buildVisitLog,
  type CustomerModels,
  type CustomerTable,
  DAY_MS,
  type Dataset,
  dayOf,
  LIFECYCLE_STAGES,
  type LifecycleStage,
  OUTLOOK_DAYS,
  RecommenderError,
  replaceFile,
  sliceVisitLog,
  type VisitModels,
} from '@perennial/core'
import { format as formatCsv } from 'fast-csv'

/** Options of {@link writeCustomers}. */
export interface WriteCustomersOptions {
  readonly models: CustomerModels
  /**
   * The day of the question, days since 1970-01-01 UTC: only visits of days before it count.
   * @defaultValue the day after the last event
   */
  readonly asOfDay?: number | undefined
  readonly onProgress?: ((progress: CustomersProgress) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/** How far the writing is. */
export interface CustomersProgress {
  readonly numDone: number
  readonly numUsers: number
}

/** What the customers of one stage come to. */
export interface StageSummary {
  readonly stage: LifecycleStage
  readonly numCustomers: number
  /** Visits expected within 28 days, of all of them. */
  readonly expectedVisits: number
  /** Value expected within 28 days, of all of them; NaN where values are not modelled. */
  readonly expectedValue: number
  /** Mean probability to buy within 28 days; NaN without a customer. */
  readonly meanProbability: number
}

/** What was written. */
export interface WrittenCustomers {
  readonly asOfDay: number
  readonly numCustomers: number
  /** One a stage, in the order of the stages. */
  readonly stages: readonly StageSummary[]
}

/** Columns of the file, in order. */
export const CUSTOMER_COLUMNS: readonly string[] = [
  'customer_id',
  'stage',
  'visits',
  'days_since_last_visit',
  `expected_visits_${OUTLOOK_DAYS}`,
  `expected_value_${OUTLOOK_DAYS}`,
  ...ACTIVITY_HORIZONS.map((days) => `p_buys_${days}`),
]

/** Customers described at a time: memory does not grow with how many there are. */
const BLOCK = 1000
const OUTLOOK_PLACE = ACTIVITY_HORIZONS.indexOf(OUTLOOK_DAYS)

/**
 * Writes one row a customer with a visit before the question, by user row: stage, what is expected of him, and how likely
 * he buys. The file appears under its name when it is complete.
 *
 * Probabilities and expected numbers have four decimals; the expected value is in the currency of the data, and empty where
 * values are not modelled.
 *
 * @throws {@link RecommenderError} `INVALID_INPUT` if the artifact knows nothing of visits, or nobody came before the day;
 * `INVALID_OPTION` if the day is not an integer; `ABORTED`.
 */
export async function writeCustomers(
  { userIds, sequences }: Pick<Dataset, 'userIds' | 'sequences'>,
  path: string,
  { models, asOfDay = dayAfter(sequences), onProgress, signal }: WriteCustomersOptions,
): Promise<WrittenCustomers> {
  const { visits, gammaGamma } = models
  if (visits === null)
    throw new RecommenderError(
      'INVALID_INPUT',
      `Expected an artifact that knows how customers come back, got one without. ${models.notes[0] ?? ''}`.trimEnd(),
    )
  const log = buildVisitLog(sequences)
  const tally = createTally()
  async function* rows(known: VisitModels): AsyncGenerator<unknown[]> {
    for (let start = 0; start < log.numUsers; start += BLOCK) {
      await new Promise((resolve) => setImmediate(resolve))
      signal?.throwIfAborted()
      const end = Math.min(start + BLOCK, log.numUsers)
      const block = sliceVisitLog(log, start, end)
      const table = assessCustomers(block, asOfDay, { visits: known, gammaGamma })
      for (const [i, u] of table.userRows.entries()) {
        const row = rowOf(table, i, asOfDay)
        tally.add(row)
        yield [userIds[start + u], ...formatRow(row)]
      }
      onProgress?.({ numDone: end, numUsers: log.numUsers })
    }
  }
  await replaceFile(path, async (temporary) => {
    const format = formatCsv({ headers: [...CUSTOMER_COLUMNS], includeEndRowDelimiter: true })
    await pipeline(Readable.from(rows(visits)), format, createWriteStream(temporary))
    if (tally.numCustomers() > 0) return
    throw new RecommenderError(
      'INVALID_INPUT',
      `Expected customers with a visit before ${isoDay(asOfDay)}, got none.`,
    )
  })
  return { asOfDay, numCustomers: tally.numCustomers(), stages: tally.summaries() }
}

/** What a row of the file says of a customer, beside who he is. */
interface CustomerRow {
  readonly stage: LifecycleStage
  readonly numVisits: number
  readonly daysSinceVisit: number
  readonly expectedVisits: number
  /** NaN where values are not modelled. */
  readonly expectedValue: number
  /** By horizon. */
  readonly probabilities: readonly number[]
}

function rowOf(table: CustomerTable, i: number, asOfDay: number): CustomerRow {
  return {
    stage: LIFECYCLE_STAGES[table.stages[i] as number] as LifecycleStage,
    numVisits: table.numVisits[i] as number,
    daysSinceVisit: asOfDay - (table.lastVisitDays[i] as number),
    expectedVisits: table.expectedVisits[i] as number,
    expectedValue: table.expectedValues[i] as number,
    probabilities: table.visitProbabilities.map((values) => values[i] as number),
  }
}

function formatRow(row: CustomerRow): unknown[] {
  return [
    row.stage,
    row.numVisits,
    row.daysSinceVisit,
    row.expectedVisits.toFixed(4),
    Number.isNaN(row.expectedValue) ? '' : row.expectedValue.toFixed(2),
    ...row.probabilities.map((probability) => probability.toFixed(4)),
  ]
}

/** Returns a day as YYYY-MM-DD. */
export function isoDay(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10)
}

function dayAfter({ timestampMs }: Dataset['sequences']): number {
  return dayOf(timestampMs.reduce((last, time) => Math.max(last, time), -Infinity)) + 1
}

function createTally(): {
  add(row: CustomerRow): void
  numCustomers(): number
  summaries(): StageSummary[]
} {
  const sums = LIFECYCLE_STAGES.map(() => ({ count: 0, visits: 0, value: 0, probability: 0 }))
  return {
    add: ({ stage, expectedVisits, expectedValue, probabilities }) => {
      const sum = sums[LIFECYCLE_STAGES.indexOf(stage)] as (typeof sums)[number]
      sum.count++
      sum.visits += expectedVisits
      sum.value += expectedValue
      sum.probability += probabilities[OUTLOOK_PLACE] as number
    },
    numCustomers: () => sums.reduce((total, { count }) => total + count, 0),
    summaries: () =>
      sums.map(({ count, visits, value, probability }, n) => ({
        stage: LIFECYCLE_STAGES[n] as LifecycleStage,
        numCustomers: count,
        expectedVisits: visits,
        expectedValue: value,
        meanProbability: probability / count,
      })),
  }
}
