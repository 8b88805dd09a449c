import type { BgNbdModel } from './bg-nbd.ts'
import type { Cadence } from './cadence.ts'
import type { OutlookCalibration } from './category-outlook.ts'
import type { ActivityChoice } from './choose-activity.ts'
import type { Durability } from './durability.ts'
import type { GammaGammaModel } from './gamma-gamma.ts'

/** Days ahead for which it is told how likely a customer buys at all. */
export const ACTIVITY_HORIZONS = [7, 28, 90] as const

/** Days ahead that expected visits, expected value and the category outlook are about. */
export const OUTLOOK_DAYS = 28

/** How the probability of a visit within one horizon is computed; see {@link ActivityChoice}. */
export interface ActivityRule
  extends Pick<ActivityChoice, 'kind' | 'logLoss' | 'validationDay' | 'logistic'> {
  readonly horizonDays: (typeof ACTIVITY_HORIZONS)[number]
}

/** How the customers of a shop come back. */
export interface VisitModels {
  readonly cadence: Cadence
  readonly bgNbd: BgNbdModel
  /** First day of the log that they were learned from. */
  readonly logStartDay: number
  /** One a horizon of {@link ACTIVITY_HORIZONS}, in their order. */
  readonly activity: readonly ActivityRule[]
}

/** What training learned of the customers of a shop and of what its goods are to them; `null` where it could not. */
export interface CustomerModels {
  /** Only days before it were learned from: days since 1970-01-01 UTC. */
  readonly cutDay: number
  readonly visits: VisitModels | null
  /** `null` as well where frequency and value of visits go together, which the model takes them not to. */
  readonly gammaGamma: GammaGammaModel | null
  readonly durability: Durability | null
  /** For {@link OUTLOOK_DAYS}. Without it the items of a category count as independent. */
  readonly outlook: OutlookCalibration | null
  /** A sentence for each part that is `null`. */
  readonly notes: readonly string[]
}
