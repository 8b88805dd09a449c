import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { RecommenderError } from '@perennial/core'
import Table from 'cli-table3'
import { type Budget, type BudgetCheck, checkBudgets } from './check-budgets.ts'

/** Sets of budgets: `benchmarks/budgets.json` has one entry each, and `benchmarks/results` may hold a baseline. */
export type BudgetSets = Readonly<Record<string, readonly Budget[]>>

/** Options of {@link enforceBudgets}. */
export interface EnforceBudgetsOptions {
  /** Name of the set in `benchmarks/budgets.json`; its baseline is `benchmarks/results/<set>.json`. */
  readonly set: string
  /** The baseline; `undefined` when there is none. */
  readonly baseline: unknown
}

const BENCHMARKS = new URL('../../', import.meta.url)

/** Returns the stored result that a set compares with; `undefined` when there is none. Read it before a new one is written. */
export async function readBaseline(set: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(new URL(`results/${set}.json`, BENCHMARKS), 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Prints a result beside its budgets, and sets exit status 1 when one is broken. */
export async function enforceBudgets(
  result: unknown,
  { set, baseline }: EnforceBudgetsOptions,
): Promise<void> {
  const path = fileURLToPath(new URL('budgets.json', BENCHMARKS))
  const sets = JSON.parse(await readFile(path, 'utf8')) as BudgetSets
  const budgets = sets[set]
  if (budgets === undefined) {
    const names = Object.keys(sets).join(', ')
    throw new RecommenderError(
      'INVALID_OPTION',
      `Expected a set of budgets out of ${names} in ${path}, got '${set}'.`,
    )
  }
  const checks = checkBudgets(result, budgets, baseline)
  console.log(formatChecks(checks))
  const numBroken = checks.filter(({ held }) => !held).length
  if (numBroken === 0) return
  console.error(`${numBroken} of ${checks.length} budgets of '${set}' are broken.`)
  process.exitCode = 1
}

/** Returns the checks as a table for the terminal. */
export function formatChecks(checks: readonly BudgetCheck[]): string {
  const table = new Table({ head: ['Budget', 'measured', 'limit', ''] })
  for (const { name, value, limit, held } of checks) {
    table.push([name, String(Number(value.toPrecision(4))), limit, held ? 'held' : 'BROKEN'])
  }
  return table.toString()
}
