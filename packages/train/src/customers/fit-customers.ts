import {
  ACTIVITY_HORIZONS,
  type ActivityChoice,
  buildVisitLog,
  type CustomerModels,
  chooseActivity,
  countRepeatVisits,
  type Dataset,
  type Durability,
  type DurabilityOverride,
  fitGammaGamma,
  type GammaGammaModel,
  learnDurability,
  learnRepurchase,
  RecommenderError,
  type VisitLog,
  type VisitModels,
} from '@perennial/core'
import type { FittedOutlook } from './fit-category-outlook.ts'

/** Options of {@link fitCustomers}. */
export interface FitCustomersOptions {
  /** Only days before it are learned from: days since 1970-01-01 UTC. */
  readonly cutDay: number
  /** The merchant's word on what lasts. */
  readonly durabilityOverrides?: readonly DurabilityOverride[] | undefined
  readonly outlook: FittedOutlook
  readonly signal?: AbortSignal | undefined
}

/** A part that was learned, or why it was not. */
type Part<T> = { readonly value: T; readonly note?: undefined } | { value: null; note: string }

/** Half of what `chooseActivity` takes: as good on three days of Online Retail II, for two thirds of the time. */
export const ACTIVITY_CUTS = 6

/**
 * Learns how customers come back, what their visits are worth, and what lasts and what is used up.
 *
 * What the data holds too little for is `null`, with a sentence that says why.
 *
 * @throws {@link RecommenderError} `INVALID_OPTION` or `UNKNOWN_ITEM` if an override is wrong; `ABORTED`.
 */
export async function fitCustomers(
  dataset: Dataset,
  { cutDay, durabilityOverrides = [], outlook, signal }: FitCustomersOptions,
): Promise<CustomerModels> {
  const pause = async (): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve))
    signal?.throwIfAborted()
  }
  const log = buildVisitLog(dataset.sequences)
  const visits =
    dataset.timeKind === 'timestamp'
      ? await fitVisits(log, { cutDay, signal, pause })
      : missing<VisitModels>('the data has no real times')
  await pause()
  const gammaGamma =
    visits.value === null
      ? missing<GammaGammaModel>('there are no models of visits')
      : fitValues(log, { cutDay, signal })
  await pause()
  const durability =
    dataset.timeKind === 'timestamp'
      ? { value: fitDurability(dataset, { cutDay, durabilityOverrides, signal }) }
      : missing<Durability>('the data has no real times')
  const parts = [
    ['Stages, expected visits and the probability to buy are left out', visits],
    ['The expected value of visits is left out', gammaGamma],
    ['No item is told to be durable', durability],
    ['The category outlook is not calibrated', outlook],
  ] as const
  return {
    cutDay,
    visits: visits.value,
    gammaGamma: gammaGamma.value,
    durability: durability.value,
    outlook: outlook.value,
    notes: parts.flatMap(([what, { note }]) => (note === undefined ? [] : [`${what}: ${note}.`])),
  }
}

async function fitVisits(
  log: VisitLog,
  {
    cutDay,
    signal,
    pause,
  }: Pick<FitCustomersOptions, 'cutDay' | 'signal'> & { readonly pause: () => Promise<void> },
): Promise<Part<VisitModels>> {
  const choices: ActivityChoice[] = []
  for (const horizonDays of ACTIVITY_HORIZONS) {
    const options = { asOfDay: cutDay, horizonDays, numCuts: ACTIVITY_CUTS, signal }
    const choice = orNote(() => chooseActivity(log, options))
    if (choice.value === null) return choice
    choices.push(choice.value)
    await pause()
  }
  // Fitted to the same past whatever the horizon.
  const { cadence, bgNbd, logStartDay } = (choices[0] as ActivityChoice).context
  const activity = choices.map(({ kind, logLoss, validationDay, logistic }, n) => {
    const horizonDays = ACTIVITY_HORIZONS[n] as (typeof ACTIVITY_HORIZONS)[number]
    return { horizonDays, kind, logLoss, validationDay, logistic }
  })
  return { value: { cadence, bgNbd, logStartDay, activity } }
}

function fitValues(
  log: VisitLog,
  { cutDay, signal }: Pick<FitCustomersOptions, 'cutDay' | 'signal'>,
): Part<GammaGammaModel> {
  const part = orNote(() => fitGammaGamma(countRepeatVisits(log, { cutDay }), { signal }))
  if (part.value === null || part.value.isIndependent) return part
  const correlation = part.value.correlation.toFixed(2)
  return missing(
    `how often customers come and what they spend go together, with a correlation of ${correlation}, which Gamma-Gamma takes them not to`,
  )
}

function fitDurability(
  dataset: Dataset,
  {
    cutDay,
    durabilityOverrides: overrides,
    signal,
  }: Pick<FitCustomersOptions, 'cutDay' | 'durabilityOverrides' | 'signal'>,
): Durability {
  const intervals = learnRepurchase(dataset, { cutDay, signal })
  return learnDurability(dataset, intervals, { overrides, signal })
}

/** Too little data, or data that a model does not fit, is no failure of the run; anything else is. */
function orNote<T>(learn: () => T): Part<T> {
  try {
    return { value: learn() }
  } catch (error) {
    const isKnown = error instanceof RecommenderError
    if (!isKnown || !['INVALID_INPUT', 'TRAINING_DIVERGED'].includes(error.code)) throw error
    return missing(`${error.message.charAt(0).toLowerCase()}${error.message.slice(1, -1)}`)
  }
}

function missing<T>(note: string): Part<T> {
  return { value: null, note }
}
