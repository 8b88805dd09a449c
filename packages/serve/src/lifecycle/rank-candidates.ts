import {
  type Customer,
  describeCustomer,
  expectedTime,
  type History,
  NUM_TIME_BINS,
  probabilityWithin,
  RANKING_RULES,
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
  /** How the score would fall if no user alike had bought it; `undefined` where that was not asked. */
  readonly neighborPart: number | undefined
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
  let network: RankedRows | undefined
  if (ranker !== undefined && config.network !== undefined) {
    standardize(features, config.network.scale)
    network = await ranker.score(features)
  }
  const scores = byRule ?? (network as RankedRows).scores
  const best = selectTopK(scores, Math.min(options.k, scores.length))
  const neighborParts =
    options.explain && network !== undefined && byRule === undefined
      ? await partsOfNeighbors(lifecycle, { customer, itemRows, features, scores, best })
      : undefined
  return Array.from(best, (place, n): RankedCandidate => {
    const itemRow = itemRows[place] as number
    return {
      itemRow,
      score: scores[place] as number,
      isOwn: customer.own.has(itemRow),
      neighborPart: neighborParts?.[n],
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

/** Returns by how much the score of each listed new item falls when what users alike bought is left out. */
async function partsOfNeighbors(
  { finder, ranker, config }: ServedLifecycle,
  {
    customer,
    itemRows,
    features,
    scores,
    best,
  }: {
    readonly customer: Customer
    readonly itemRows: Int32Array
    readonly features: Float32Array
    readonly scores: Float32Array
    readonly best: Int32Array
  },
): Promise<(number | undefined)[] | undefined> {
  const width = finder.featureNames.length
  const asked = Array.from(best).filter((place) => !customer.own.has(itemRows[place] as number))
  if (asked.length === 0 || ranker === undefined || config.network === undefined) return undefined
  const columns = finder.featureNames.flatMap((name, f) =>
    name.startsWith('score.user_knn') ? [f] : [],
  )
  const { means, deviations } = config.network.scale
  const rows = new Float32Array(asked.length * width)
  asked.forEach((place, n) => {
    rows.set(features.subarray(place * width, (place + 1) * width), n * width)
    // As if no user alike had bought it: the least value that the feature takes.
    for (const f of columns)
      rows[n * width + f] = Math.max(
        -5,
        (Math.log(1e-4) - (means[f] as number)) / (deviations[f] as number),
      )
  })
  const without = await ranker.score(rows)
  return Array.from(best, (place) => {
    const n = asked.indexOf(place)
    return n < 0 ? undefined : (scores[place] as number) - (without.scores[n] as number)
  })
}
