import { budgetWeight } from './budget.ts'
import type { PolicyCandidates, PolicyContext } from './policy-context.ts'
import type { RankingPolicy } from './ranking-policy.ts'
import { rotationLoss } from './rotation.ts'
import { scaleOf, standingOf, weightToStanding } from './standing.ts'

/** What candidates are worth, one entry a candidate. */
export interface CandidateValues {
  /** 0 for the middle candidate and below, 1 for the best: what `minRelevance` is compared with. */
  readonly relevance: Float64Array
  /** What the list is ordered by; NaN where the score is not finite. */
  readonly values: Float64Array
}

/** Part of a gift's standing that comes from what everybody buys rather than from the customer. */
const GIFT_POPULARITY_SHARE = 0.5
/** Weight of the customer's own items in a gift. */
const GIFT_OWN_WEIGHT = 0.1
/** Weight of an accessory of something that the customer owns. */
const ACCESSORY_WEIGHT = 1.5
const DEFAULT_HALF_LIFE_DAYS = 3

/**
 * Returns what candidates are worth: `value = standing + ln(w) / 4 + ... - rotation loss`.
 *
 * - Standing: that of the score, see {@link standingOf}. In a gift, half of it and half of the standing of
 *   `ln(1 + popularity)` among the candidates. Cut to `0..1` it is the relevance.
 * - Weights, see {@link weightToStanding}: that of the budget; 1.5 for an accessory of something owned; in a gift 0.1 for
 *   an item that the customer bought himself.
 * - Rotation loss: see {@link rotationLoss}.
 */
export function valueCandidates(
  candidates: PolicyCandidates,
  policy: RankingPolicy,
  {
    context,
    prices,
  }: { readonly context: PolicyContext; readonly prices: Float64Array | undefined },
): CandidateValues {
  const { itemRows, isOwn } = candidates
  const { budget, gift = false, rotation = {} } = policy
  const { asOfMs, lastShownMs, accessoryOf } = context
  const values = gift ? giftStandings(candidates, context) : standings(candidates.scores)
  const relevance = new Float64Array(values.length)
  const halfLifeDays =
    (rotation === false ? undefined : rotation.halfLifeDays) ?? DEFAULT_HALF_LIFE_DAYS
  const isRotated = rotation !== false && lastShownMs !== undefined && lastShownMs.size > 0
  const accessoryGain = weightToStanding(ACCESSORY_WEIGHT)
  const ownGain = gift ? weightToStanding(GIFT_OWN_WEIGHT) : 0
  for (let i = 0; i < itemRows.length; i++) {
    const itemRow = itemRows[i] as number
    let gain = isOwn?.[i] === 1 ? ownGain : 0
    if (budget !== undefined && prices !== undefined)
      gain += weightToStanding(budgetWeight(budget, prices[i] as number))
    if (accessoryOf?.has(itemRow) === true) gain += accessoryGain
    if (isRotated) gain -= rotationLoss(lastShownMs.get(itemRow), { asOfMs, halfLifeDays })
    const standing = values[i] as number
    relevance[i] = Math.min(Math.max(standing, 0), 1)
    values[i] = standing + gain
  }
  return { relevance, values }
}

function standings(scores: Float32Array): Float64Array {
  const scale = scaleOf(scores)
  const found = new Float64Array(scores.length)
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i] as number
    found[i] = Number.isFinite(score) ? standingOf(score, scale) : Number.NaN
  }
  return found
}

function giftStandings(
  { itemRows, scores }: PolicyCandidates,
  { popularity }: PolicyContext,
): Float64Array {
  const logs = new Float32Array(itemRows.length)
  for (let i = 0; i < logs.length; i++)
    logs[i] = Math.log1p(popularity?.[itemRows[i] as number] ?? 0)
  const popular = standings(logs)
  const found = standings(scores)
  for (let i = 0; i < found.length; i++) {
    found[i] =
      (1 - GIFT_POPULARITY_SHARE) * (found[i] as number) +
      GIFT_POPULARITY_SHARE * (popular[i] as number)
  }
  return found
}
