import { type CustomerItem, NEWEST_VISITS, OWN_HALF_LIVES } from '../customer.ts'
import { type LogNormalGap, logSurvival, probabilityAfterWaiting } from '../log-normal-hazard.ts'
import type { Feature } from './feature.ts'
import type { ItemAtTime } from './item-features.ts'
import type { UserFacts } from './user-features.ts'

/** An item that a customer owns. */
export interface PairFacts extends LogNormalGap {
  readonly own: CustomerItem
  readonly user: UserFacts
  readonly item: ItemAtTime
  /** Log of the days since the newest purchase, at least half a day. */
  readonly logRecency: number
  /** Probability that the pair is not bought again before its recency, and within the horizon after it given that. */
  readonly survival: number
  readonly hazard: number
}

/** Added to a decayed sum before its logarithm. */
export const DECAYED_FLOOR = 1e-3

/** Gaps of the item that count beside a pair's own. */
const GAP_PRIOR = 3

/** Returns what a customer has done with an item, seen with what others do. */
export function pairFacts(
  own: CustomerItem,
  { user, item, horizonDays }: { user: UserFacts; item: ItemAtTime; horizonDays: number },
): PairFacts {
  const recency = Math.max(item.asOfDay - own.lastDay, 0.5)
  const logRecency = Math.log(recency)
  const gap = pairGap(own, item)
  const survival = Math.exp(logSurvival(recency, gap))
  const hazard = probabilityAfterWaiting({ recencyDays: recency, horizonDays }, gap)
  return { own, user, item, logRecency, ...gap, survival, hazard }
}

/** Returns mean and deviation of the log gap between purchases, shrunk towards the item's. */
function pairGap(own: CustomerItem, item: ItemAtTime): LogNormalGap {
  const numGaps = own.count - 1
  const ownMean = numGaps > 0 ? own.logGaps / numGaps : 0
  const ownVariance =
    numGaps > 1 ? Math.max(own.squaredLogGaps / numGaps - ownMean * ownMean, 0.02) : 0
  const variance =
    (numGaps * ownVariance + GAP_PRIOR * item.logGapDeviation ** 2) / (numGaps + GAP_PRIOR)
  return {
    meanLogGap: (own.logGaps + GAP_PRIOR * item.meanLogGap) / (numGaps + GAP_PRIOR),
    logGapDeviation: Math.sqrt(Math.max(variance, 0.03)),
  }
}

/** What a customer has done with an item that he owns; none of it applies to others. */
export const PAIR_FEATURES: readonly Feature<PairFacts>[] = [
  {
    name: 'pair.count',
    formula: 'log(1 + days on which it was bought)',
    unit: 'log days',
    compute: ({ own }) => Math.log1p(own.count),
  },
  {
    name: 'pair.recency',
    formula: 'log(days since the newest purchase, at least 0.5)',
    unit: 'log days',
    compute: ({ logRecency }) => logRecency,
  },
  ...OWN_HALF_LIVES.map(
    (halfLife, n): Feature<PairFacts> => ({
      name: `pair.decayed_${halfLife}`,
      formula: `log(${DECAYED_FLOOR} + sum over purchases of 0.5^(age / ${halfLife}))`,
      unit: 'log purchases',
      compute: ({ own }) => Math.log((own.decayed[n] as number) + DECAYED_FLOOR),
    }),
  ),
  {
    name: 'pair.activation',
    formula: 'log(sum over purchases of max(age, 0.5)^-0.5), the base-level activation of ACT-R',
    unit: 'log activation',
    compute: ({ own }) => Math.log(own.activation),
  },
  {
    name: 'pair.visit_decayed',
    formula: 'log(0.001 + sum over purchases of 0.8^(visits since))',
    unit: 'log purchases',
    compute: ({ own }) => Math.log(own.visitDecayed + DECAYED_FLOOR),
  },
  {
    name: 'pair.visit_share',
    formula: 'purchases / visits',
    unit: 'share',
    compute: ({ own, user }) => own.count / user.numVisits,
  },
  {
    name: 'pair.visit_share_since_first',
    formula: 'purchases / visits from the first purchase on',
    unit: 'share',
    compute: ({ own }) => own.count / own.visitsSinceFirst,
  },
  {
    name: 'pair.visits_since',
    formula: 'log(1 + visits since the newest purchase)',
    unit: 'log visits',
    compute: ({ own }) => Math.log1p(own.visitsSince),
  },
  ...NEWEST_VISITS.map(
    (visits, n): Feature<PairFacts> => ({
      name: `pair.in_newest_${visits}`,
      formula: `purchases in the newest ${visits} visits`,
      unit: 'purchases',
      compute: ({ own }) => own.inNewest[n] as number,
    }),
  ),
  {
    name: 'pair.age',
    formula: 'log(1 + days since the first purchase)',
    unit: 'log days',
    compute: ({ own, item }) => Math.log1p(item.asOfDay - own.firstDay),
  },
  {
    name: 'pair.mean_gap',
    formula: '(sum of own log gaps + 3 item.mean_gap) / (gaps + 3)',
    unit: 'log days',
    compute: ({ meanLogGap }) => meanLogGap,
  },
  {
    name: 'pair.gap_ratio',
    formula: 'pair.recency - pair.mean_gap',
    unit: 'log ratio',
    compute: ({ logRecency, meanLogGap }) => logRecency - meanLogGap,
  },
  {
    name: 'pair.item_gap_ratio',
    formula: 'pair.recency - item.mean_gap',
    unit: 'log ratio',
    compute: ({ logRecency, item }) => logRecency - item.meanLogGap,
  },
  {
    name: 'pair.user_gap_ratio',
    formula: 'pair.recency - user.mean_gap',
    unit: 'log ratio',
    compute: ({ logRecency, user }) => logRecency - user.logMeanGap,
  },
  {
    name: 'pair.hazard',
    formula:
      '1 - S(r + h) / S(r): S the log-normal survival of pair.mean_gap, r recency, h horizon',
    unit: 'probability',
    compute: ({ hazard }) => hazard,
  },
  {
    name: 'pair.survival',
    formula: 'S(r)',
    unit: 'probability',
    compute: ({ survival }) => survival,
  },
  {
    name: 'pair.gap_deviation',
    formula: 'deviation of the log gap, shrunk likewise, for 3 or more purchases; else -1',
    unit: 'log days',
    compute: ({ own, logGapDeviation }) => (own.count > 2 ? logGapDeviation : -1),
  },
  {
    name: 'pair.quantity',
    formula: 'log(1 + units a purchase)',
    unit: 'log units',
    compute: ({ own }) => Math.log1p(own.units / own.count),
  },
  {
    name: 'pair.last_quantity',
    formula: 'log(1 + units of the newest purchase) - pair.quantity',
    unit: 'log ratio',
    compute: ({ own }) => Math.log1p(own.lastUnits) - Math.log1p(own.units / own.count),
  },
]
