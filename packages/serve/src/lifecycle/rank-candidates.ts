import {
  describeCustomer,
  expectedTime,
  FEATURE_LIMIT,
  type History,
  NEIGHBOR_FLOOR,
  NUM_TIME_BINS,
  probabilityWithin,
  RANKING_RULES,
  type Ranking,
  type RankingRule,
  scoreByRule,
  standardize,
  type TimeRange,
} from '@perennial/core'
import { type CandidateOptions, NUM_ALSO } from '../candidates.ts'
import type { PopularItems } from '../popular-items.ts'
import type { RankedRows } from './onnx-ranker.ts'
import type { ServedLifecycle } from './served-lifecycle.ts'

/** When a customer is expected to buy an item. */
export interface PurchaseForecast {
  readonly within7Days: number
  readonly within28Days: number
  readonly within90Days: number
  /** Range of days in which the purchase comes, if it comes within 180 days. */
  readonly expected: TimeRange | undefined
}

/** Candidates of one customer with their scores, in no order. */
export interface ScoredCandidates {
  readonly itemRows: Int32Array
  readonly scores: Float32Array
  /** 1 where the customer bought the item before. */
  readonly isOwn: Uint8Array
  /** Returns when the candidate at `place` is expected to be bought; `undefined` where no network was trained. */
  forecastOf(place: number): PurchaseForecast | undefined
  /**
   * Returns by how much the scores at `places` would fall if no user alike had bought the items; 0 for own items, and for
   * those that no user alike bought.
   */
  neighborParts(places: readonly number[]): Promise<number[]>
}

/** Options of {@link scoreCandidates}. */
export interface ScoreCandidatesOptions extends CandidateOptions {
  readonly history: History
  /** Highest item row that may be a candidate; the state may have room for more. */
  readonly numItems: number
  /** Fills up while sources bring fewer than are wanted. */
  readonly popular: PopularItems
}

/** Returns a customer's allowed candidates with their scores. */
export async function scoreCandidates(
  lifecycle: ServedLifecycle,
  options: ScoreCandidatesOptions,
): Promise<ScoredCandidates> {
  const { finder, config, ranker } = lifecycle
  const customer = describeCustomer(options.history)
  const itemRows = fillUp(finder.unite(customer), options)
  const isOwn = Uint8Array.from(itemRows, (itemRow) => (customer.own.has(itemRow) ? 1 : 0))
  if (itemRows.length === 0) {
    const none = { itemRows, scores: new Float32Array(0), isOwn }
    return { ...none, forecastOf: () => undefined, neighborParts: async () => [] }
  }
  const features = finder.describe(customer, itemRows)
  const { featureNames } = finder
  const rule = RANKING_RULES.find((one): one is RankingRule => one === config.ranking)
  const byRule = rule && scoreByRule(rule, features, featureNames)
  const column = featureNames.indexOf('score.user_knn_ever')
  const byNeighbors = itemRows.map((_, i) => {
    const everBought = Math.exp(features[i * featureNames.length + column] as number)
    return isOwn[i] === 0 && everBought > 1.01 * NEIGHBOR_FLOOR ? 1 : 0
  })
  let network: RankedRows | undefined
  if (ranker !== undefined && config.network !== undefined) {
    standardize(features, config.network.scale)
    network = await ranker.score(features)
  }
  const scores = byRule ?? (network as RankedRows).scores
  return {
    itemRows,
    scores,
    isOwn,
    forecastOf: (place) => network && forecastOf(network, place),
    neighborParts: async (places) => {
      const asked = places.filter((place) => byNeighbors[place] === 1)
      const parts =
        byRule === undefined
          ? await partsOfNeighbors(lifecycle, { asked, features, scores })
          : partsByRule(config.ranking, asked)
      return places.map((place) => parts.get(place) ?? 0)
    },
  }
}

/** Keeps what is allowed, and adds what is wanted beside: the most popular of the rest while too few are left. */
function fillUp(
  candidates: Int32Array,
  { allowed, minCandidates, alsoAllowed, alsoRows = [], numItems, popular }: ScoreCandidatesOptions,
): Int32Array {
  // The state has room for items that are not there yet.
  const taken = new Set(candidates.filter((row) => row <= numItems && allowed?.[row] !== 0))
  for (const row of alsoRows) if (row <= numItems) taken.add(row)
  const add = (count: number, flags: Uint8Array | undefined): void => {
    if (count <= 0) return
    for (const row of popular.best(count, { allowed: flags, numItems, taken })) taken.add(row)
  }
  add(minCandidates - taken.size, allowed)
  if (alsoAllowed !== undefined) add(NUM_ALSO, alsoAllowed)
  return Int32Array.from(taken)
}

/** Returns the forecast of the row at `place`. */
export function forecastOf({ timeProbabilities }: RankedRows, place: number): PurchaseForecast {
  const bins = timeProbabilities.subarray(place * NUM_TIME_BINS, (place + 1) * NUM_TIME_BINS)
  return {
    within7Days: probabilityWithin(bins, 7),
    within28Days: probabilityWithin(bins, 28),
    within90Days: probabilityWithin(bins, 90),
    expected: expectedTime(bins),
  }
}

/** A neighbour's purchase is a part of the score of the rule `neighbor-blend` alone. */
function partsByRule(ranking: Ranking, asked: readonly number[]): Map<number, number> {
  return new Map(ranking === 'neighbor-blend' ? asked.map((place) => [place, 1]) : [])
}

/** Returns by how much the scores at the asked places fall when what users alike bought is left out. */
async function partsOfNeighbors(
  { finder, ranker, config }: ServedLifecycle,
  {
    asked,
    features,
    scores,
  }: {
    readonly asked: readonly number[]
    readonly features: Float32Array
    readonly scores: Float32Array
  },
): Promise<Map<number, number>> {
  const parts = new Map<number, number>()
  if (asked.length === 0 || ranker === undefined || config.network === undefined) return parts
  const width = finder.featureNames.length
  const { means, deviations } = config.network.scale
  const rows = new Float32Array(asked.length * width)
  asked.forEach((place, row) => {
    rows.set(features.subarray(place * width, (place + 1) * width), row * width)
  })
  for (const [f, name] of finder.featureNames.entries()) {
    if (!name.startsWith('score.user_knn')) continue
    // As if no user alike had bought it: the least value that the feature takes.
    const least = (Math.log(NEIGHBOR_FLOOR) - (means[f] as number)) / (deviations[f] as number)
    for (let at = f; at < rows.length; at += width) rows[at] = Math.max(-FEATURE_LIMIT, least)
  }
  const without = await ranker.score(rows)
  asked.forEach((place, row) => {
    parts.set(place, (scores[place] as number) - (without.scores[row] as number))
  })
  return parts
}
