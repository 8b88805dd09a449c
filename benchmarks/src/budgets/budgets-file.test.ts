import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { LOAD_PROFILES } from '../load/load-profiles.ts'
import type { Budget } from './check-budgets.ts'
import { type BudgetSets, formatChecks } from './enforce-budgets.ts'

const text = await readFile(new URL('../../budgets.json', import.meta.url), 'utf8')
const sets = JSON.parse(text) as BudgetSets

describe('budgets.json', () => {
  test('has a set for every result that is compared', () => {
    const profiles = Object.values(LOAD_PROFILES).map(({ budgets }) => budgets)
    const names = [...profiles, 'latency', 'storage', 'storage-million']
    expect(Object.keys(sets).sort()).toEqual(names.sort())
  })

  test.each(Object.entries(sets))(
    '%s: names differ, each with a path and one limit',
    (_, budgets) => {
      expect(new Set(budgets.map(({ name }) => name)).size).toBe(budgets.length)
      for (const { name, path, ...limits } of budgets satisfies readonly Budget[]) {
        expect(path, name).toMatch(/^\/[^/]+(\/[^/]+)*$/)
        expect(Object.values(limits), name).toEqual([expect.any(Number)])
      }
    },
  )
})

describe('formatChecks', () => {
  test('marks what is broken', () => {
    const check = { name: 'p50', value: 2.34567, limit: 'at most 2' }
    const table = formatChecks([
      { ...check, held: false },
      { ...check, name: 'p99', held: true },
    ])
    expect(table).toMatch(/p50 .* 2\.346 .* at most 2 .* BROKEN/)
    expect(table).toMatch(/p99 .* held/)
  })
})
