import {
  areaUnderRoc,
  type Dataset,
  expectedCalibrationError,
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

/** Customers asked at most; with more, the first by row. */
const MAX_CUSTOMERS = 2000

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
  let numAsked = 0
  const lists = await buildRankingLists(dataset, {
    ...config,
    cutDays: [cutDay],
    withoutTargets: true,
    includes: () => numAsked++ < MAX_CUSTOMERS,
    createSignals: createSignalsWith(dataset, () => ({})),
    signal,
  })
  const { features, isTarget } = scaleLists(
    lists,
    pickScale(networks.ranker, networks.timing.featureNames),
  )
  const loaded = await engine.loadRows(networks.timing)
  const outputs = await loaded.score(features).finally(() => loaded.dispose())
  const bins = toTimeProbabilities(Float32Array.from(outputs))
  const probabilities = Float32Array.from(isTarget, (_, i) =>
    probabilityWithin(
      bins.subarray(i * NUM_TIME_BINS, (i + 1) * NUM_TIME_BINS),
      Math.min(config.horizonDays, 180),
    ),
  )
  return {
    days: config.horizonDays,
    numPairs: isTarget.length,
    calibrationError: expectedCalibrationError(probabilities, isTarget),
    auc: areaUnderRoc(probabilities, isTarget),
  }
}
