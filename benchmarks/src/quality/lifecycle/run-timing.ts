import { join } from 'node:path'
import {
  areaUnderRoc,
  brierScore,
  buildCategoryTree,
  createEncoderConfig,
  createSignals,
  DAY_MS,
  type Dataset,
  dayOf,
  describeCustomer,
  endsBefore,
  expectedCalibrationError,
  expectedTime,
  hash32,
  historyOf,
  medianAbsoluteError,
  NUM_TIME_BINS,
  probabilityWithin,
  rangeCoverage,
  shareWithinGap,
} from '@perennial/core'
import { loadDataset } from '@perennial/datasets'
import {
  buildRankingLists,
  createEngine,
  fitTiming,
  type RankingLists,
  scaleLists,
  toTimeProbabilities,
} from '@perennial/train'
import { describeRun } from '../../machine.ts'
import { writeJson } from '../../write-json.ts'
import { dateOf, dayAt, monthStartsBefore } from './cut-days.ts'
import type { TimingResult } from './result.ts'
import type { Progress } from './train-rankers.ts'

/** Options of {@link runTiming}. */
export interface TimingRunOptions extends Progress {
  readonly seed: number
  readonly engine: string
  readonly numThreads?: number | undefined
  readonly resultFolder: string
}

const TEST_CUT = '2011-06-01'
const HORIZON_DAYS = 28
const OUTCOME_DAYS = 180
/** Cuts that teach, and the share of customers and of candidates never bought that do. */
const NUM_CUTS = 10
const CUSTOMER_SHARE = 0.25
const KEEP_SHARE = 0.05

/**
 * Learns when purchases come from the cuts before 2011-06-01 and asks about that cut: pairs bought on two days or more,
 * as the published protocol has them, and all candidates for the calibration.
 */
export async function runTiming({
  seed,
  engine: choice,
  numThreads,
  resultFolder,
  signal,
  onStage,
}: TimingRunOptions): Promise<{ readonly result: TimingResult; readonly path: string }> {
  const run = describeRun()
  onStage('Reading online-retail-ii')
  const dataset = await loadDataset('online-retail-ii')
  const cutDay = dayAt(TEST_CUT)
  const firstDay = dayOf(
    dataset.sequences.timestampMs.reduce((min, time) => Math.min(min, time), Infinity),
  )
  const cutDays = monthStartsBefore({
    cutDay,
    horizonDays: HORIZON_DAYS,
    firstDay,
    count: NUM_CUTS,
  })
  const categories = buildCategoryTree(dataset.catalog)
  const common = {
    horizonDays: HORIZON_DAYS,
    outcomeDays: OUTCOME_DAYS,
    withoutTargets: true,
    keepShare: KEEP_SHARE,
    createSignals: ({
      state,
    }: Parameters<Parameters<typeof buildRankingLists>[1]['createSignals']>[0]) =>
      createSignals(state, { links: {}, categories }),
    seed,
    signal,
    onProgress: (day: number) => onStage(`  lists of ${dateOf(day)}`),
  }
  const engine = await createEngine(createEncoderConfig(), choice, { numThreads })
  try {
    const start = performance.now()
    const lists = scaleLists(
      await buildRankingLists(dataset, {
        ...common,
        cutDays,
        knownUntilDay: cutDay,
        includes: (userRow, day) => hash32(seed, userRow, day) < CUSTOMER_SHARE * 2 ** 32,
      }),
    )
    onStage('Learning when purchases come')
    const timing = await fitTiming(engine, lists, { knownUntilDay: cutDay, seed, signal })
    const trainingSeconds = (performance.now() - start) / 1000
    onStage(`Asking about ${TEST_CUT}`)
    const asked = await buildRankingLists(dataset, { ...common, cutDays: [cutDay] })
    const network = await engine.loadRows(timing)
    const rows = scaleLists(
      { ...asked, features: Float32Array.from(asked.features) },
      lists.scale,
    ).features
    const bins = toTimeProbabilities(Float32Array.from(await network.score(rows)))
    network.dispose()
    const result: TimingResult = {
      experiment: 'online-retail-ii-timing',
      ...run,
      engine: engine.name,
      seed,
      cut: TEST_CUT,
      trainingCuts: cutDays.map(dateOf),
      trainingSeconds,
      ...measureTiming(dataset, { asked, bins, constantDays: typicalWait(dataset, lists) }),
    }
    const path = join(resultFolder, 'lifecycle-online-retail-ii-timing.json')
    await writeJson(path, result)
    return { result, path }
  } finally {
    await engine.close()
  }
}

/** Returns the median days to the next purchase of the training pairs that came back: what a constant would say. */
function typicalWait(dataset: Dataset, lists: RankingLists): number {
  const gaps = ownGaps(dataset, lists)
  const waits = lists.daysUntil.filter((days, i) => days >= 0 && gaps.has(i)).sort()
  return waits[waits.length >> 1] as number
}

function measureTiming(
  dataset: Dataset,
  {
    asked: lists,
    bins,
    constantDays,
  }: {
    readonly asked: RankingLists
    readonly bins: Float32Array
    readonly constantDays: number
  },
): Pick<TimingResult, 'pairs' | 'repeatPairs' | 'boughtAgain'> {
  const gaps = ownGaps(dataset, lists)
  const binsOf = (i: number): Float32Array =>
    bins.subarray(i * NUM_TIME_BINS, (i + 1) * NUM_TIME_BINS)
  const repeatPairs = [...gaps.keys()]
  const again = repeatPairs.filter((i) => {
    const days = lists.daysUntil[i] as number
    return days >= 0 && days < OUTCOME_DAYS
  })
  const daysOf = (pick: (i: number) => number): Float64Array => Float64Array.from(again, pick)
  const actual = daysOf((i) => lists.daysUntil[i] as number)
  const times = again.map((i) => expectedTime(binsOf(i)))
  const predictions: Readonly<Record<string, Float64Array>> = {
    'time bins, median': Float64Array.from(times, (time) => time?.medianDays ?? OUTCOME_DAYS),
    'median of training': daysOf(() => constantDays),
    'own mean gap': daysOf((i) => (gaps.get(i) as OwnGap).remaining),
  }
  const gapDays = daysOf((i) => (gaps.get(i) as OwnGap).mean)
  const { coverage, medianWidthDays } = rangeCoverage(
    {
      lowDays: Float64Array.from(times, (time) => time?.earlyDays ?? 0),
      highDays: Float64Array.from(times, (time) => time?.lateDays ?? OUTCOME_DAYS),
    },
    actual,
  )
  const within = (indices: readonly number[], days: number): TimingResult['repeatPairs'] => {
    const probabilities = Float32Array.from(indices, (i) => probabilityWithin(binsOf(i), days))
    const outcomes = Uint8Array.from(indices, (i) => {
      const wait = lists.daysUntil[i] as number
      return wait >= 0 && wait < days ? 1 : 0
    })
    return {
      numPairs: indices.length,
      baseRate: outcomes.reduce((sum, outcome) => sum + outcome, 0) / outcomes.length,
      auc: areaUnderRoc(probabilities, outcomes),
      brier: brierScore(probabilities, outcomes),
      calibrationError: expectedCalibrationError(probabilities, outcomes),
    }
  }
  return {
    // Candidates never bought were thinned, and bought ones among them were not: only own pairs are calibrated as they are.
    pairs: within(
      Array.from(lists.itemRows.keys()).filter((i) => isOwn(lists, i)),
      HORIZON_DAYS,
    ),
    repeatPairs: within(repeatPairs, HORIZON_DAYS),
    boughtAgain: {
      numPairs: again.length,
      methods: Object.fromEntries(
        Object.entries(predictions).map(([name, predicted]) => [
          name,
          {
            medianErrorDays: medianAbsoluteError(predicted, actual),
            shareWithinGap: shareWithinGap(predicted, actual, { gapDays }),
          },
        ]),
      ),
      range: { coverage, medianWidthDays },
    },
  }
}

function isOwn({ features, featureNames }: RankingLists, i: number): boolean {
  return features[(i + 1) * featureNames.length - 1] === 1
}

/** Days between the purchases of a pair, and what is left of a mean gap at the cut: 0 when it is over. */
interface OwnGap {
  readonly mean: number
  readonly remaining: number
}

/** Returns the gaps of pairs bought on two days or more, by row. */
function ownGaps({ sequences }: Dataset, lists: RankingLists): Map<number, OwnGap> {
  const gaps = new Map<number, OwnGap>()
  const endsAt = new Map<number, Int32Array>()
  lists.userRows.forEach((userRow, n) => {
    const cutDay = lists.cutDays[n] as number
    const ends = endsAt.get(cutDay) ?? endsBefore(sequences, cutDay * DAY_MS)
    endsAt.set(cutDay, ends)
    const history = historyOf(sequences, userRow, ends[userRow] as number, cutDay * DAY_MS)
    const { own } = describeCustomer(history)
    for (let i = lists.offsets[n] as number; i < (lists.offsets[n + 1] as number); i++) {
      const item = own.get(lists.itemRows[i] as number)
      if (item === undefined || item.count < 2) continue
      const mean = (item.lastDay - item.firstDay) / (item.count - 1)
      gaps.set(i, { mean, remaining: Math.max(0, mean - (cutDay - item.lastDay)) })
    }
  })
  return gaps
}
