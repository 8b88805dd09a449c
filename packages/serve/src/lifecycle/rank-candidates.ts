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
  selectTopK,
  standardize,
  type TimeRange,
} from '@perennial/core'
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

/** One ranked candidate. */
export interface RankedCandidate {
  readonly itemRow: number
  readonly score: number
  /** Whether the customer bought it before. */
  readonly isOwn: boolean
  /** By how much the score would fall if no user alike had bought it; 0 for own items, and where that was not asked. */
  readonly neighborPart: number
  /** Absent where no network was trained. */
  readonly forecast: PurchaseForecast | undefined
}

/** Options of {@link rankCandidates}. */
export interface RankCandidatesOptions {
  readonly history: History
  readonly k: number
  /** Shape `[numItems + 1]`, 0 for items left out; `undefined` when every item is allowed. */
  readonly allowed: Uint8Array | undefined
  /** Shape `[numItems + 1]`: fills the list when sources bring fewer than `k` allowed items. */
  readonly popularity: Float32Array
  /** Whether it is asked how much users alike speak for new items. */
  readonly explain: boolean
}

/** Returns a customer's best allowed candidates, best first. */
export async function rankCandidates(
  lifecycle: ServedLifecycle,
  options: RankCandidatesOptions,
): Promise<RankedCandidate[]> {
  const { finder, config, ranker } = lifecycle
  const customer = describeCustomer(options.history)
  const itemRows = fillUp(finder.unite(customer), options)
  if (itemRows.length === 0) return []
  const features = finder.describe(customer, itemRows)
  const { featureNames } = finder
  const rule = RANKING_RULES.find((one): one is RankingRule => one === config.ranking)
  const byRule = rule && scoreByRule(rule, features, featureNames)
  const column = featureNames.indexOf('score.user_knn_ever')
  const byNeighbors = Uint8Array.from(itemRows, (itemRow, i) => {
    const everBought = Math.exp(features[i * featureNames.length + column] as number)
    return !customer.own.has(itemRow) && everBought > 1.01 * NEIGHBOR_FLOOR ? 1 : 0
  })
  let network: RankedRows | undefined
  if (ranker !== undefined && config.network !== undefined) {
    standardize(features, config.network.scale)
    network = await ranker.score(features)
  }
  const scores = byRule ?? (network as RankedRows).scores
  const best = selectTopK(scores, Math.min(options.k, scores.length))
  const asked = options.explain
    ? Array.from(best.keys()).filter((n) => byNeighbors[best[n] as number] === 1)
    : []
  const neighborParts =
    byRule === undefined
      ? await partsOfNeighbors(lifecycle, { asked, features, scores, best })
      : partsByRule(config.ranking, asked)
  return Array.from(best, (place, n): RankedCandidate => {
    const itemRow = itemRows[place] as number
    return {
      itemRow,
      score: scores[place] as number,
      isOwn: customer.own.has(itemRow),
      neighborPart: neighborParts[n] ?? 0,
      forecast: network && forecastOf(network, place),
    }
  })
}

/** Keeps what is allowed, and adds the most popular of the rest while fewer than `k` are left. */
function fillUp(
  candidates: Int32Array,
  { allowed, k, popularity }: RankCandidatesOptions,
): Int32Array {
  const kept = allowed === undefined ? candidates : candidates.filter((row) => allowed[row] === 1)
  if (kept.length >= k) return kept
  const taken = new Set(kept)
  const rest = popularity.map((count, row) =>
    row === 0 || allowed?.[row] === 0 || taken.has(row) ? -Infinity : count,
  )
  return Int32Array.of(...kept, ...selectTopK(rest, Math.min(k - kept.length, rest.length - 1), 1))
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
function partsByRule(ranking: Ranking, asked: readonly number[]): number[] {
  const parts: number[] = []
  if (ranking === 'neighbor-blend') for (const n of asked) parts[n] = 1
  return parts
}

/** Returns by how much the scores of the asked places of a list fall when what users alike bought is left out. */
async function partsOfNeighbors(
  { finder, ranker, config }: ServedLifecycle,
  {
    asked,
    features,
    scores,
    best,
  }: {
    readonly asked: readonly number[]
    readonly features: Float32Array
    readonly scores: Float32Array
    readonly best: Int32Array
  },
): Promise<number[]> {
  const parts: number[] = []
  if (asked.length === 0 || ranker === undefined || config.network === undefined) return parts
  const width = finder.featureNames.length
  const { means, deviations } = config.network.scale
  const rows = new Float32Array(asked.length * width)
  asked.forEach((n, row) => {
    const from = (best[n] as number) * width
    rows.set(features.subarray(from, from + width), row * width)
  })
  for (const [f, name] of finder.featureNames.entries()) {
    if (!name.startsWith('score.user_knn')) continue
    // As if no user alike had bought it: the least value that the feature takes.
    const least = (Math.log(NEIGHBOR_FLOOR) - (means[f] as number)) / (deviations[f] as number)
    for (let at = f; at < rows.length; at += width) rows[at] = Math.max(-FEATURE_LIMIT, least)
  }
  const without = await ranker.score(rows)
  asked.forEach((n, row) => {
    parts[n] = (scores[best[n] as number] as number) - (without.scores[row] as number)
  })
  return parts
}
