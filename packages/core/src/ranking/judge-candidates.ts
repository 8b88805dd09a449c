import { isWithinBudget, isWithinRelaxedBudget } from './budget.ts'
import { resolveFilter } from './filter.ts'
import type { PolicyCandidates, PolicyContext } from './policy-context.ts'
import { type RankingPolicy, RELAXATION_ORDER, type RelaxedConstraint } from './ranking-policy.ts'
import type { CandidateValues } from './value-candidates.ts'

/** Candidates that each step of a policy left, in the order of the steps; before any constraint is given up. */
export interface PolicyCounts {
  readonly candidates: number
  readonly afterExclude: number
  readonly afterFilter: number
  readonly afterAvailability: number
  readonly afterSuppression: number
  readonly afterBudget: number
  readonly afterMinRelevance: number
}

/** Which candidates may be taken, and why not the others. */
export interface Judgement {
  /** One entry a candidate: bits of {@link violationBit}; 0 where it may be taken, {@link FORBIDDEN} where never. */
  readonly violations: Uint8Array
  readonly counts: PolicyCounts
}

/** Tells whether hard constraints forbid an item row: `exclude`, `filter`, or that it cannot be sold. */
export interface HardConstraints {
  isExcluded(itemRow: number): boolean
  isFiltered(itemRow: number): boolean
  isUnavailable(itemRow: number): boolean
}

/** Violation of a candidate that may not be taken whatever is given up. */
export const FORBIDDEN = 0xff

/** Returns the bit of a constraint that may be given up. */
export function violationBit(constraint: RelaxedConstraint): number {
  return 1 << RELAXATION_ORDER.indexOf(constraint)
}

/** Prepares the constraints that are never given up. */
export function createHardConstraints(
  { exclude = [], filter }: RankingPolicy,
  { attributes, filterFlags, offerable = attributes.offerable }: PolicyContext,
): HardConstraints {
  const excluded = new Set(exclude.map((itemId) => attributes.rowOf(itemId)))
  const flags =
    filter === undefined ? undefined : (filterFlags ?? resolveFilter(filter, attributes))
  return {
    isExcluded: (itemRow) => excluded.has(itemRow),
    isFiltered: (itemRow) => flags !== undefined && flags[itemRow] !== 1,
    isUnavailable: (itemRow) => offerable[itemRow] !== 1,
  }
}

/** Judges every candidate by all constraints but the most items of a group, which depend on the list. */
export function judgeCandidates(
  { itemRows }: PolicyCandidates,
  { budget, minRelevance = 0 }: RankingPolicy,
  {
    hard,
    worth: { relevance, values },
    prices,
    suppressed,
  }: {
    readonly hard: HardConstraints
    readonly worth: CandidateValues
    readonly prices: Float64Array | undefined
    readonly suppressed: Uint8Array | undefined
  },
): Judgement {
  const violations = new Uint8Array(itemRows.length)
  const bits = {
    budget: violationBit('budget'),
    minRelevance: violationBit('minRelevance'),
  }
  let afterExclude = 0
  let afterFilter = 0
  let afterAvailability = 0
  let afterSuppression = 0
  let afterBudget = 0
  let afterMinRelevance = 0
  for (let i = 0; i < itemRows.length; i++) {
    const itemRow = itemRows[i] as number
    violations[i] = FORBIDDEN
    if (hard.isExcluded(itemRow)) continue
    afterExclude++
    if (hard.isFiltered(itemRow)) continue
    afterFilter++
    if (hard.isUnavailable(itemRow)) continue
    afterAvailability++
    if (suppressed?.[itemRow] === 1) continue
    afterSuppression++
    let found = 0
    if (budget !== undefined && prices !== undefined) {
      const price = prices[i] as number
      if (!isWithinBudget(budget, price)) found |= bits.budget
      if (!isWithinRelaxedBudget(budget, price)) continue
    }
    if (found === 0) afterBudget++
    if (!((relevance[i] as number) >= minRelevance)) found |= bits.minRelevance
    if (found === 0) afterMinRelevance++
    if (!Number.isNaN(values[i])) violations[i] = found
  }
  return {
    violations,
    counts: {
      candidates: itemRows.length,
      afterExclude,
      afterFilter,
      afterAvailability,
      afterSuppression,
      afterBudget,
      afterMinRelevance,
    },
  }
}
