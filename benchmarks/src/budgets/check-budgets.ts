import { RecommenderError } from '@perennial/core'
import { readPointer } from './read-pointer.ts'

/** What a figure of a result must be. Exactly one limit. */
export interface Budget {
  /** What is promised, for the table. */
  readonly name: string
  /** JSON pointer of the figure in the result. */
  readonly path: string
  readonly max?: number | undefined
  readonly min?: number | undefined
  /** Most that the figure may be, over the same figure of the baseline. */
  readonly maxRatioToBaseline?: number | undefined
}

/** A budget against a result. */
export interface BudgetCheck {
  readonly name: string
  readonly value: number
  /** For example `at most 2` or `at most 1.5 x 0.8`. */
  readonly limit: string
  readonly held: boolean
}

const LIMITS = ['max', 'min', 'maxRatioToBaseline'] as const

/**
 * Compares a result with its budgets.
 *
 * @param baseline - An earlier result of the same form; needed by budgets with `maxRatioToBaseline` alone.
 * @returns One entry a budget, in their order.
 * @throws {@link RecommenderError} `INVALID_INPUT` if a figure is missing in the result or in the baseline, so
 * that a budget cannot be met by not being measured; `INVALID_OPTION` for a budget without one limit.
 */
export function checkBudgets(
  result: unknown,
  budgets: readonly Budget[],
  baseline?: unknown,
): BudgetCheck[] {
  return budgets.map((budget) => {
    const { name, path, max, min, maxRatioToBaseline } = budget
    if (LIMITS.filter((limit) => budget[limit] !== undefined).length !== 1) {
      throw new RecommenderError(
        'INVALID_OPTION',
        `Expected the budget '${name}' to have one of ${LIMITS.join(', ')}.`,
      )
    }
    const value = read(result, { name, path, place: 'result' })
    if (max !== undefined) return { name, value, limit: `at most ${max}`, held: value <= max }
    if (min !== undefined) return { name, value, limit: `at least ${min}`, held: value >= min }
    const ratio = maxRatioToBaseline as number
    const before = read(baseline, { name, path, place: 'baseline' })
    const limit = `at most ${ratio} x ${Number(before.toPrecision(3))}`
    return { name, value, limit, held: value <= ratio * before }
  })
}

function read(
  from: unknown,
  { name, path, place }: { readonly name: string; readonly path: string; readonly place: string },
): number {
  try {
    return readPointer(from, path)
  } catch (cause) {
    throw new RecommenderError(
      'INVALID_INPUT',
      `${(cause as Error).message} It is the ${place} for the budget '${name}'.`,
      { cause },
    )
  }
}
