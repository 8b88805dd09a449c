/** What may be spent on one item; `min`, `max` or both. */
export interface Budget {
  /** Lowest price, 0 or more. */
  readonly min?: number | undefined
  /** Highest price, above 0; never exceeded unless the budget is relaxed. */
  readonly max?: number | undefined
  /**
   * `near`: prices near `max`, or from `min` on, are preferred, see {@link budgetWeight}. `within`: every price of the
   * range is as good as another.
   * @defaultValue 'near'
   */
  readonly shape?: BudgetShape | undefined
}

/** Shapes of a {@link Budget}. */
export const BUDGET_SHAPES = ['near', 'within'] as const
/** One of {@link BUDGET_SHAPES}. */
export type BudgetShape = (typeof BUDGET_SHAPES)[number]

/** Part of `max` from which on prices are near it. */
const NEAR_SHARE = 0.6
/** Part of `min` that an item may be cheaper when the budget is near. */
const SOFT_EDGE = 0.2
/** Part of `max` that an item may be dearer once the budget is relaxed. */
const TOLERANCE = 0.2
const UNKNOWN_PRICE_WEIGHT = 0.1

/**
 * Returns whether a price is within a budget: hard limits, compared as float32 like the prices of a filter.
 *
 * - `within`: `min <= price <= max`.
 * - `near`: the same, but down to `0.8 * min`.
 *
 * @param price - NaN where it is not known: then it is not within any budget.
 */
export function isWithinBudget(
  { min = 0, max = Infinity, shape = 'near' }: Budget,
  price: number,
): boolean {
  const lowest = shape === 'near' ? (1 - SOFT_EDGE) * min : min
  const rounded = Math.fround(price)
  return rounded >= Math.fround(lowest) && rounded <= Math.fround(max)
}

/**
 * Returns whether a price may be offered once the budget is relaxed: below `1.2 * max`, or not known.
 *
 * @param price - NaN where it is not known.
 */
export function isWithinRelaxedBudget({ max = Infinity }: Budget, price: number): boolean {
  return Number.isNaN(price) || price < (1 + TOLERANCE) * max
}

/**
 * Returns how well a price fits a budget, `0..1`.
 *
 * With `full = min`, or `0.6 * max` where a `near` budget names no `min`, or 0 where a `within` budget names none:
 *
 * - 1 for `full <= price <= max`;
 * - `(price / full)^4` below `full`: of a budget of 3000, 900 has 1/16 of the weight of 1800, and 300 less than a thousandth;
 * - `(1.2 * max - price) / (0.2 * max)` between `max` and `1.2 * max`, for relaxed budgets; 0 above;
 * - 0.1 where the price is not known, for relaxed budgets.
 *
 * @param price - NaN where it is not known.
 */
export function budgetWeight(
  { min, max = Infinity, shape = 'near' }: Budget,
  price: number,
): number {
  if (Number.isNaN(price)) return UNKNOWN_PRICE_WEIGHT
  if (Math.fround(price) > Math.fround(max))
    return Math.max(0, ((1 + TOLERANCE) * max - price) / (TOLERANCE * max))
  const nearest = shape === 'near' && max !== Infinity ? NEAR_SHARE * max : 0
  const full = min ?? nearest
  if (price >= full) return 1
  const squared = (price / full) ** 2
  return squared * squared
}
