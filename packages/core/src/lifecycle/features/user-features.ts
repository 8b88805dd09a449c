import type { Customer } from '../customer.ts'
import type { Feature } from './feature.ts'

/** A customer and what his visits come to. */
export interface UserFacts {
  readonly numVisits: number
  /** Days since the newest and the oldest visit. */
  readonly recency: number
  readonly tenure: number
  /** Log of the mean days between visits, at least 0; the shop's mean for a customer of one visit. */
  readonly logMeanGap: number
  /** Visits, each counting half after 30 and 90 days. */
  readonly visits30: number
  readonly visits90: number
  /** Distinct items a visit, and at the newest visit. */
  readonly basketSize: number
  readonly lastBasketSize: number
  readonly repeatShare: number
  readonly numItems: number
}

/** What a shop's customers of one visit are taken for: a month between visits. */
const DEFAULT_GAP = 30
const LONG_AGO = 5000

/** Returns what a customer's visits come to. */
export function userFacts({ asOfDay, visits, own, repeatShare }: Customer): UserFacts {
  const { days, offsets } = visits
  const numVisits = days.length
  const first = days[0] ?? asOfDay
  const last = days.at(-1) ?? asOfDay
  const meanGap = numVisits > 1 ? (last - first) / (numVisits - 1) : DEFAULT_GAP
  let visits30 = 0
  let visits90 = 0
  for (const day of days) {
    visits30 += 0.5 ** ((asOfDay - day) / 30)
    visits90 += 0.5 ** ((asOfDay - day) / 90)
  }
  const numLines = offsets[numVisits] as number
  return {
    numVisits,
    recency: asOfDay - last,
    tenure: asOfDay - first,
    logMeanGap: Math.log(Math.max(meanGap, 1)),
    visits30,
    visits90,
    basketSize: numVisits === 0 ? 0 : numLines / numVisits,
    lastBasketSize: numVisits === 0 ? 0 : numLines - (offsets[numVisits - 1] as number),
    repeatShare,
    numItems: own.size,
  }
}

/** How a customer shops. */
export const USER_FEATURES: readonly Feature<UserFacts>[] = [
  {
    name: 'user.visits',
    formula: 'log(1 + visits)',
    unit: 'log visits',
    compute: ({ numVisits }) => Math.log1p(numVisits),
  },
  {
    name: 'user.recency',
    formula: 'log(1 + days since the newest visit)',
    unit: 'log days',
    compute: ({ recency }) => Math.log1p(clip(recency)),
  },
  {
    name: 'user.tenure',
    formula: 'log(1 + days since the first visit)',
    unit: 'log days',
    compute: ({ tenure }) => Math.log1p(clip(tenure)),
  },
  {
    name: 'user.mean_gap',
    formula: 'log(mean days between visits, at least 1); 30 days for a customer of one visit',
    unit: 'log days',
    compute: ({ logMeanGap }) => logMeanGap,
  },
  {
    name: 'user.gap_ratio',
    formula: 'user.recency - user.mean_gap',
    unit: 'log ratio',
    compute: ({ recency, logMeanGap }) => Math.log1p(clip(recency)) - logMeanGap,
  },
  {
    name: 'user.visits_30',
    formula: 'log(1 + sum over visits of 0.5^(age / 30))',
    unit: 'log visits',
    compute: ({ visits30 }) => Math.log1p(visits30),
  },
  {
    name: 'user.visits_90',
    formula: 'log(1 + sum over visits of 0.5^(age / 90))',
    unit: 'log visits',
    compute: ({ visits90 }) => Math.log1p(visits90),
  },
  {
    name: 'user.basket_size',
    formula: 'log(distinct items a visit, at least 0.5)',
    unit: 'log items',
    compute: ({ basketSize }) => Math.log(Math.max(basketSize, 0.5)),
  },
  {
    name: 'user.last_basket_size',
    formula: 'log(1 + distinct items of the newest visit)',
    unit: 'log items',
    compute: ({ lastBasketSize }) => Math.log1p(lastBasketSize),
  },
  {
    name: 'user.repeat_share',
    formula:
      '(R + 0.3) / (P + 1): P purchases, R repeats among them, each counting half after 90 days',
    unit: 'share',
    compute: ({ repeatShare }) => repeatShare,
  },
  {
    name: 'user.items',
    formula: 'log(1 + distinct items bought)',
    unit: 'log items',
    compute: ({ numItems }) => Math.log1p(numItems),
  },
]

function clip(days: number): number {
  return Math.min(Math.max(days, 0), LONG_AGO)
}
