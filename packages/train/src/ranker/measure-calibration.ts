import {
  areaUnderRoc,
  type Dataset,
  expectedCalibrationError,
  hash32,
  NUM_TIME_BINS,
  probabilityWithin,
} from '@perennial/core'
import type { Engine } from '../engine/engine.ts'
import { createSignalsWith, type FittedLifecycle } from './fit-lifecycle.ts'
import { toTimeProbabilities } from './fit-timing.ts'
import { buildRankingLists } from './ranking-lists.ts'
import { pickScale, scaleLists } from './scaled-lists.ts'

/** How well the probabilities of a purchase within a horizon came true. */
export interface Calibration {
  readonly days: number
  /** Candidates of all customers, buyers or not. */
  readonly numPairs: number
  /** Expected calibration error over ten bins of equal count. */
  readonly calibrationError: number
  readonly auc: number
}

/** About how many customers are asked; with more, that many are drawn. */
const MAX_CUSTOMERS = 2000
/** Days that the time bins reach. */
const MAX_DAYS = 180

/** Asks the timing about a cut that it has not seen; `null` where none was trained. */
export async function measureCalibration(
  dataset: Dataset,
  { config, networks }: FittedLifecycle,
  {
    engine,
    cutDay,
    signal,
  }: {
    readonly engine: Engine
    readonly cutDay: number
    readonly signal?: AbortSignal | undefined
  },
): Promise<Calibration | null> {
  if (networks === undefined) return null
  const days = Math.min(config.horizonDays, MAX_DAYS)
  const share = MAX_CUSTOMERS / dataset.sequences.numUsers
  const lists = await buildRankingLists(dataset, {
    ...config,
    cutDays: [cutDay],
    withoutTargets: true,
    includes: (userRow) => share >= 1 || hash32(1, userRow) < share * 2 ** 32,
    createSignals: createSignalsWith(dataset, () => ({})),
    signal,
  })
  const { features, daysUntil } = scaleLists(
    lists,
    pickScale(networks.ranker, networks.timing.featureNames),
  )
  const loaded = await engine.loadRows(networks.timing)
  const outputs = await loaded.score(features).finally(() => loaded.dispose())
  const bins = toTimeProbabilities(Float32Array.from(outputs))
  const outcomes = Uint8Array.from(daysUntil, (wait) => (wait >= 0 && wait < days ? 1 : 0))
  const probabilities = Float32Array.from(outcomes, (_, i) =>
    probabilityWithin(bins.subarray(i * NUM_TIME_BINS, (i + 1) * NUM_TIME_BINS), days),
  )
  return {
    days,
    numPairs: outcomes.length,
    calibrationError: expectedCalibrationError(probabilities, outcomes),
    auc: areaUnderRoc(probabilities, outcomes),
  }
}
