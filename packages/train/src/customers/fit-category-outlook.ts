import {
  buildCategoryTree,
  DAY_MS,
  type Dataset,
  endsBefore,
  fitOutlook,
  hash32,
  type LifecycleConfig,
  NUM_TIME_BINS,
  OUTLOOK_DAYS,
  type OutlookCalibration,
  probabilityWithin,
  type Signal,
} from '@perennial/core'
import type { Engine } from '../engine/engine.ts'
import type { Ranker } from '../ranker/fit-ranker.ts'
import { type Timing, toTimeProbabilities } from '../ranker/fit-timing.ts'
import { buildRankingLists, type Past, type RankingLists } from '../ranker/ranking-lists.ts'
import { pickScale, scaleLists } from '../ranker/scaled-lists.ts'

/** A calibration of the category outlook, or why there is none. */
export type FittedOutlook =
  | { readonly value: OutlookCalibration; readonly note?: undefined }
  | { readonly value: null; readonly note: string }

/** Options of {@link fitCategoryOutlook}. */
export interface FitOutlookOptions {
  readonly engine: Engine
  /** Nothing from this day on is learned from. */
  readonly testCutDay: number
  readonly config: Omit<LifecycleConfig, 'ranking'>
  /** Absent where too little data was there to train them. */
  readonly networks: { readonly ranker: Ranker; readonly timing: Timing } | undefined
  readonly createSignals: (past: Past) => Promise<readonly Signal[]>
  readonly seed: number
  readonly signal?: AbortSignal | undefined
}

/** Customers that are asked; with more, about so many of them are drawn. */
const MAX_CUSTOMERS = 500

/**
 * Fits how probabilities of items become those of categories, on what customers bought within `OUTLOOK_DAYS` before the
 * test cut.
 *
 * The timing has seen these days too, as one of its ten cuts. It has no memory of single customers, and a law of two
 * numbers a depth leaves little to fit by chance.
 */
export async function fitCategoryOutlook(
  dataset: Dataset,
  { engine, testCutDay, config, networks, createSignals, seed, signal }: FitOutlookOptions,
): Promise<FittedOutlook> {
  const { sequences, catalog } = dataset
  if (networks === undefined)
    return { value: null, note: 'there was too little data to learn when purchases come' }
  const cutDay = testCutDay - OUTLOOK_DAYS
  const ends = endsBefore(sequences, cutDay * DAY_MS)
  const windowEnds = endsBefore(sequences, testCutDay * DAY_MS)
  const numKnown = ends.reduce(
    (sum, end, u) => sum + (end > (sequences.offsets[u] ?? 0) ? 1 : 0),
    0,
  )
  if (numKnown === 0)
    return { value: null, note: `no customer is known ${OUTLOOK_DAYS} days before the test` }
  const share = MAX_CUSTOMERS / numKnown
  const lists = await buildRankingLists(dataset, {
    ...config,
    cutDays: [cutDay],
    knownUntilDay: testCutDay,
    withoutTargets: true,
    includes: (userRow) => share >= 1 || hash32(seed, userRow, cutDay) < share * 2 ** 32,
    createSignals,
    signal,
  })
  const within = await forecastLists(lists, { engine, ...networks })
  const examples = Array.from(lists.userRows, (u, n) => {
    const start = lists.offsets[n] as number
    const end = lists.offsets[n + 1] as number
    return {
      itemRows: lists.itemRows.subarray(start, end),
      probabilities: within.subarray(start, end),
      targets: sequences.itemRows.subarray(ends[u], windowEnds[u]),
    }
  })
  return { value: fitOutlook(examples, buildCategoryTree(catalog)) }
}

/** Returns for each row the probability of a purchase within `OUTLOOK_DAYS`. */
async function forecastLists(
  lists: RankingLists,
  { engine, ranker, timing }: { engine: Engine; ranker: Ranker; timing: Timing },
): Promise<Float64Array> {
  const rows = pickFeatures(lists, timing.featureNames)
  const { features } = scaleLists(rows, pickScale(ranker, timing.featureNames))
  const loaded = await engine.loadRows(timing)
  const outputs = await loaded.score(features).finally(() => loaded.dispose())
  const bins = toTimeProbabilities(Float32Array.from(outputs))
  return Float64Array.from(lists.itemRows, (_, i) =>
    probabilityWithin(bins.subarray(i * NUM_TIME_BINS, (i + 1) * NUM_TIME_BINS), OUTLOOK_DAYS),
  )
}

/** The timing sees fewer features than the ranker, whose signals find the candidates. */
function pickFeatures(lists: RankingLists, names: readonly string[]): RankingLists {
  const width = lists.featureNames.length
  const columns = names.map((name) => lists.featureNames.indexOf(name))
  const numRows = lists.itemRows.length
  const features = new Float32Array(new SharedArrayBuffer(4 * numRows * columns.length))
  for (let i = 0; i < numRows; i++)
    for (let c = 0; c < columns.length; c++)
      features[i * columns.length + c] = lists.features[
        i * width + (columns[c] as number)
      ] as number
  return { ...lists, featureNames: names, features }
}
