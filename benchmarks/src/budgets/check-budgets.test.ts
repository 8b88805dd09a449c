import { describe, expect, test } from 'vitest'
import { checkBudgets } from './check-budgets.ts'

const result = { http: { p50Ms: 1.5, p99Ms: 12 }, items: [{ 'recall@100': 0.97 }], note: 'text' }

describe('checkBudgets', () => {
  test('tells budgets that are held from those that are broken', () => {
    const checks = checkBudgets(result, [
      { name: 'median', path: '/http/p50Ms', max: 2 },
      { name: 'tail', path: '/http/p99Ms', max: 10 },
      { name: 'recall', path: '/items/0/recall@100', min: 0.98 },
      { name: 'low recall', path: '/items/0/recall@100', min: 0.97 },
    ])
    expect(checks).toEqual([
      { name: 'median', value: 1.5, limit: 'at most 2', held: true },
      { name: 'tail', value: 12, limit: 'at most 10', held: false },
      { name: 'recall', value: 0.97, limit: 'at least 0.98', held: false },
      { name: 'low recall', value: 0.97, limit: 'at least 0.97', held: true },
    ])
  })

  test('compares with the baseline by ratio', () => {
    const budgets = [{ name: 'tail', path: '/http/p99Ms', maxRatioToBaseline: 1.5 }]
    const against = (p99Ms: number) => checkBudgets(result, budgets, { http: { p99Ms } })[0]
    expect(against(8)).toEqual({ name: 'tail', value: 12, limit: 'at most 1.5 x 8', held: true })
    expect(against(7.9)?.held).toBe(false)
  })

  test('does not let a budget pass that was not measured', () => {
    const missing = [{ name: 'gone', path: '/http/p90Ms', max: 5 }]
    expect(() => checkBudgets(result, missing)).toThrowErrorMatchingInlineSnapshot(
      `[RecommenderError: Expected a number at '/http/p90Ms', got \`undefined\`. It is the result for the budget 'gone'.]`,
    )
    expect(() => checkBudgets(result, [{ name: 'text', path: '/note', max: 5 }])).toThrow("'/note'")
    const ratio = [{ name: 'tail', path: '/http/p99Ms', maxRatioToBaseline: 2 }]
    expect(() => checkBudgets(result, ratio)).toThrow('baseline')
    expect(() => checkBudgets({ a: Number.NaN }, [{ name: 'nan', path: '/a', max: 5 }])).toThrow()
  })

  test('does not look into prototypes', () => {
    const budget = { name: 'length', path: '/constructor/length', max: 5 }
    expect(() => checkBudgets({}, [budget])).toThrow("'/constructor/length'")
  })

  test('reads keys with a slash or a tilde', () => {
    const budget = { name: 'odd', path: '/a~1b~0c', max: 1 }
    expect(checkBudgets({ 'a/b~c': 1 }, [budget])[0]?.held).toBe(true)
  })

  test('wants one limit a budget', () => {
    const path = '/http/p50Ms'
    for (const limits of [{}, { max: 1, min: 0 }]) {
      expect(() => checkBudgets(result, [{ name: 'odd', path, ...limits }])).toThrow('one of max')
    }
  })
})
