import { expect, test } from 'vitest'
import type { TimingResult } from '../quality/lifecycle/result.ts'
import { renderTiming } from './render-timing.ts'

const pairs = { numPairs: 1234, baseRate: 0.1, auc: 0.7912, brier: 0.08, calibrationError: 0.0123 }
const result = {
  cut: '2011-06-01',
  trainingCuts: ['2011-05-01', '2011-04-01'],
  trainingSeconds: 61.4,
  engine: 'wasm',
  repeatPairs: pairs,
  pairs: { ...pairs, numPairs: 99 },
  boughtAgain: {
    numPairs: 500,
    methods: { constant: { medianErrorDays: 39.04, shareWithinGap: 0.2911 } },
    range: { coverage: 0.512, medianWidthDays: 70.2 },
  },
  machine: { cores: 2, cpu: 'X', memoryGb: 24, node: 'v20' },
  loadAverage1m: 0.5,
  commit: 'abc',
} as unknown as TimingResult

test('renderTiming shows errors of dates, ranges and probabilities', () => {
  const text = renderTiming(result)
  expect(text).toContain('| constant | 39.0 | 0.291 |')
  expect(text).toContain(
    '51 % of these purchases lie between the predicted quartiles, which are 70 days',
  )
  expect(text).toContain('| of two purchases or more | 1,234 | 0.1000 | 0.7912 | 0.0800 | 0.0123 |')
  expect(text).toContain('learned from 2 cuts from 2011-04-01 to 2011-05-01')
})
