import { checkInteger } from '../errors.ts'
import { type BgNbdModel, expectedVisits } from './bg-nbd.ts'
import { type Cadence, measureCadence, ownLogGap } from './cadence.ts'
import { expectedVisitValue, type GammaGammaModel } from './gamma-gamma.ts'
import { countRepeatVisits } from './purchase-counts.ts'
import { type VisitLog, visitsEnd } from './visit-log.ts'

/** The stages of a customer. A stage in bulk data is a position in this list. */
export const LIFECYCLE_STAGES = ['new', 'active', 'due', 'lapsing', 'lapsed', 'returning'] as const

/** One of {@link LIFECYCLE_STAGES}. */
export type LifecycleStage = (typeof LIFECYCLE_STAGES)[number]

/** Shares of the typical gap at which a customer is due, lapsing and lapsed. */
const DUE = 0.75
const LAPSING = 1.5
const LAPSED = 3

/** What {@link stageOf} is asked. */
export interface StageQuestion {
  /** The day of the question, after all visits; days since 1970-01-01 UTC. */
  readonly asOfDay: number
  readonly cadence: Cadence
}

/** Where a customer stands, and the two numbers that say why. */
export interface StageAnswer {
  readonly stage: LifecycleStage
  /** The customer's typical gap in days, `exp` of his own mean log gap shrunk to the shop's (`ownLogGap`). */
  readonly typicalGapDays: number
  /** Days since the newest visit over the typical gap. */
  readonly gapRatio: number
}

/**
 * Returns the stage of a customer, by his own cadence rather than by fixed days.
 *
 * With `G = exp((sum of log gaps + 3 m) / (gaps + 3))`, `m` the shop's mean log gap, and `R = days since the newest visit /
 * G`, the first that holds:
 *
 * - `lapsed`: `R >= 3`
 * - `lapsing`: `R >= 1.5`
 * - `new`: one visit
 * - `returning`: he was `lapsed` by the same rule on the day of his newest visit, judged by the visits before it
 * - `due`: `R >= 0.75`
 * - `active`
 *
 * @param days - Days of the visits, rising; one or more, all before `asOfDay`.
 */
export function stageOf(days: Int32Array, { asOfDay, cadence }: StageQuestion): StageAnswer {
  const typicalGapDays = Math.exp(ownLogGap(days, cadence))
  const gapRatio = (asOfDay - (days.at(-1) as number)) / typicalGapDays
  return { stage: chooseStage(days, gapRatio, cadence), typicalGapDays, gapRatio }
}

/** Options of {@link describeLifecycle}. */
export interface DescribeLifecycleOptions {
  /** The day of the question, days since 1970-01-01 UTC: only visits of days before it count. */
  readonly asOfDay: number
  /** Days from the question on that visits and value are expected for; 0 or more. */
  readonly horizonDays: number
  readonly bgNbd: BgNbdModel
  /** `null` where prices are not known. */
  readonly gammaGamma: GammaGammaModel | null
  /** Of the shop. @defaultValue measured on `visits` */
  readonly cadence?: Cadence | undefined
}

/** Where all users with a visit before the question stand; one entry each. */
export interface LifecycleTable {
  /** Rising. */
  readonly userRows: Int32Array
  /** Visits before the question. */
  readonly numVisits: Int32Array
  /** Day of the newest of them. */
  readonly lastVisitDays: Int32Array
  /** Positions in {@link LIFECYCLE_STAGES}. */
  readonly stages: Uint8Array
  /** In days; see {@link StageAnswer}. */
  readonly typicalGapDays: Float64Array
  readonly gapRatios: Float64Array
  /** Visits expected within the horizon, by BG/NBD. */
  readonly expectedVisits: Float64Array
  /** Expected visits times the expected value of one, by Gamma-Gamma; NaN without it. */
  readonly expectedValues: Float64Array
}

/**
 * Returns the stage of every customer, and what to expect of him within the horizon.
 *
 * @throws {@link RecommenderError} `INVALID_INPUT` if no customer has two visits before the question and no `cadence` is given;
 * `INVALID_OPTION`.
 */
export function describeLifecycle(
  visits: VisitLog,
  {
    asOfDay,
    horizonDays,
    bgNbd,
    gammaGamma,
    cadence = measureCadence(visits, { cutDay: asOfDay }),
  }: DescribeLifecycleOptions,
): LifecycleTable {
  checkInteger('asOfDay', asOfDay, -Infinity)
  const counts = countRepeatVisits(visits, { cutDay: asOfDay, unitDays: bgNbd.unitDays })
  const { userRows } = counts
  const numVisits = new Int32Array(userRows.length)
  const lastVisitDays = new Int32Array(userRows.length)
  const stages = new Uint8Array(userRows.length)
  const typicalGapDays = new Float64Array(userRows.length)
  const gapRatios = new Float64Array(userRows.length)
  userRows.forEach((u, i) => {
    const days = visits.days.subarray(visits.offsets[u], visitsEnd(visits, u, asOfDay))
    const answer = stageOf(days, { asOfDay, cadence })
    numVisits[i] = days.length
    lastVisitDays[i] = days.at(-1) as number
    stages[i] = LIFECYCLE_STAGES.indexOf(answer.stage)
    typicalGapDays[i] = answer.typicalGapDays
    gapRatios[i] = answer.gapRatio
  })
  const expected = expectedVisits(bgNbd, counts, horizonDays)
  const values = gammaGamma === null ? null : expectedVisitValue(gammaGamma, counts)
  return {
    userRows,
    numVisits,
    lastVisitDays,
    stages,
    typicalGapDays,
    gapRatios,
    expectedVisits: expected,
    expectedValues: expected.map((count, i) => count * (values?.[i] ?? Number.NaN)),
  }
}

function chooseStage(days: Int32Array, gapRatio: number, cadence: Cadence): LifecycleStage {
  if (gapRatio >= LAPSED) return 'lapsed'
  if (gapRatio >= LAPSING) return 'lapsing'
  if (days.length === 1) return 'new'
  const before = days.subarray(0, -1)
  const lastGap = (days.at(-1) as number) - (before.at(-1) as number)
  if (lastGap / Math.exp(ownLogGap(before, cadence)) >= LAPSED) return 'returning'
  return gapRatio >= DUE ? 'due' : 'active'
}
