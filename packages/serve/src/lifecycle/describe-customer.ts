import {
  assessCustomers,
  buildVisitLog,
  type CustomerModels,
  dayOf,
  describeCustomer,
  describeRepeat,
  type History,
  LIFECYCLE_STAGES,
  type LifecycleStage,
  NUM_TIME_BINS,
  OUTLOOK_DAYS,
  outlook,
  probabilityWithin,
  standardize,
  type VisitLog,
} from '@perennial/core'
import type { CustomerDescription } from '../customer-description.ts'
import { buildCustomerHistory } from '../customer-history.ts'
import type { StoredEvent } from '../history/history-store.ts'
import type { CustomerQuestion } from '../read-request.ts'
import type { ServedModel } from '../served-model.ts'
import { forecastOf } from './rank-candidates.ts'
import type { ServedLifecycle } from './served-lifecycle.ts'
import { withinCapacity } from './within-capacity.ts'

const NO_MODELS =
  'Stage, expectations and probabilities are left out: the artifact was made before they were learned; train again.'
const NO_VISIT = 'Nothing is expected of a customer of whom no purchase up to asOf is known.'
const NO_FORECASTS =
  'Categories and repeats are left out: there was too little data to learn when purchases come.'
const NO_KNOWN_ITEM =
  'Categories and repeats are left out: the model knows none of the items of this customer.'

/**
 * Returns where a customer stands and what to expect of him.
 *
 * @param events - His events, oldest first.
 */
export async function describeOne(
  model: ServedModel,
  question: CustomerQuestion,
  events: readonly StoredEvent[],
): Promise<CustomerDescription> {
  const { asOfMs } = question
  const { lifecycle } = model
  const { history, summary } = buildCustomerHistory(model, events, question)
  const past = events.filter(({ timestampMs }) => timestampMs <= asOfMs)
  const log = buildOwnVisits(model, past)
  const lastDay = log.days.at(-1)
  const about = {
    modelVersion: model.modelVersion,
    asOf: new Date(asOfMs).toISOString(),
    visits: log.days.length,
    history: { later: summary.later, unknownItemIds: summary.unknownItemIds },
  }
  const notes = [...(lifecycle?.customers?.notes ?? [NO_MODELS])]
  if (lastDay === undefined) return { ...about, notes: [...notes, NO_VISIT] }
  const today = dayOf(asOfMs)
  const standing = {
    ...about,
    daysSinceLastVisit: today - lastDay,
    // A day on which he came is over for these models: what is still to come begins with the next.
    ...assess(log, Math.max(today, lastDay + 1), lifecycle?.customers),
  }
  if (lifecycle?.ranker === undefined) return { ...standing, notes: [...notes, NO_FORECASTS] }
  if (history.itemRows.length === 0) return { ...standing, notes: [...notes, NO_KNOWN_ITEM] }
  return {
    ...standing,
    ...(await foresee(model, lifecycle, {
      history: withinCapacity(history, lifecycle.capacity),
      question,
    })),
    notes,
  }
}

/** Visits count whether or not the model knows the items; one is worth what they cost now. */
function buildOwnVisits({ attributes }: ServedModel, events: readonly StoredEvent[]): VisitLog {
  const numbers = new Map<string, number>()
  const priceOf = (itemId: string): number => {
    const itemRow = attributes.rowOf(itemId)
    return (itemRow === undefined ? undefined : attributes.priceOf(itemRow)) ?? Number.NaN
  }
  for (const { itemId } of events) if (!numbers.has(itemId)) numbers.set(itemId, numbers.size)
  return buildVisitLog({
    numUsers: 1,
    offsets: Int32Array.of(0, events.length),
    itemRows: Int32Array.from(events, ({ itemId }) => numbers.get(itemId) as number),
    timestampMs: Float64Array.from(events, ({ timestampMs }) => timestampMs),
    quantities: Float32Array.from(events, ({ quantity }) => quantity),
    prices: Float32Array.from(events, ({ itemId }) => priceOf(itemId)),
  })
}

function assess(
  log: VisitLog,
  asOfDay: number,
  models: CustomerModels | undefined,
): Pick<CustomerDescription, 'stage' | 'typicalGapDays' | 'expected' | 'buys'> {
  if (models === undefined || models.visits === null) return {}
  const { visits, gammaGamma } = models
  const table = assessCustomers(log, asOfDay, { visits, gammaGamma })
  const [within7Days, within28Days, within90Days] = table.visitProbabilities.map(
    ([probability]) => probability as number,
  ) as [number, number, number]
  const value = table.expectedValues[0] as number
  return {
    stage: LIFECYCLE_STAGES[table.stages[0] as number] as LifecycleStage,
    typicalGapDays: table.typicalGapDays[0] as number,
    expected: {
      visits: table.expectedVisits[0] as number,
      ...(Number.isNaN(value) ? {} : { value }),
    },
    buys: { within7Days, within28Days, within90Days },
  }
}

/** Asks the network about all candidates, and adds up by category and by item of his own. */
async function foresee(
  { attributes }: ServedModel,
  { config, finder, ranker, customers, tree }: ServedLifecycle,
  {
    history,
    question: { maxRepeats },
  }: { readonly history: History; readonly question: CustomerQuestion },
): Promise<Pick<CustomerDescription, 'categories' | 'repeats'>> {
  if (ranker === undefined || config.network === undefined) return {}
  const customer = describeCustomer(history)
  // The state has room for items that are not there yet.
  const itemRows = finder.unite(customer).filter((itemRow) => itemRow <= attributes.numItems)
  const features = finder.describe(customer, itemRows)
  standardize(features, config.network.scale)
  const rows = await ranker.score(features)
  const probabilities = Float64Array.from(itemRows, (_, i) =>
    probabilityWithin(
      rows.timeProbabilities.subarray(i * NUM_TIME_BINS, (i + 1) * NUM_TIME_BINS),
      OUTLOOK_DAYS,
    ),
  )
  const own = Array.from(itemRows.keys())
    .filter((i) => customer.own.has(itemRows[i] as number))
    .sort((a, b) => (probabilities[b] as number) - (probabilities[a] as number) || a - b)
    .slice(0, maxRepeats)
  const repeats = own.map((i) => {
    const itemRow = itemRows[i] as number
    const title = attributes.titleOf(itemRow)
    const price = attributes.priceOf(itemRow)
    const { timesBought, daysSinceLast } = describeRepeat(history, itemRow)
    return {
      itemId: attributes.idOf(itemRow),
      ...(title === undefined ? {} : { title }),
      ...(price === undefined ? {} : { price }),
      timesBought,
      daysSinceLast,
      forecast: forecastOf(rows, i),
    }
  })
  const calibration = customers?.outlook ?? undefined
  return { categories: outlook({ itemRows, probabilities }, tree, calibration), repeats }
}
