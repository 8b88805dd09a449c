import { expect, test } from 'vitest'
import type { ActivityResult } from '../quality/lifecycle/result.ts'
import { renderActivity } from './render-activity.ts'

test('renderActivity shows both models of each question', () => {
  const bgNbd = {
    numPairs: 5224,
    baseRate: 0.19,
    auc: 0.80342,
    brier: 0.1,
    calibrationError: 0.0291,
  }
  const result = {
    questions: [
      {
        cut: '2011-09-01',
        horizonDays: 28,
        chosen: 'logistic',
        bgNbd,
        served: { ...bgNbd, auc: 0.8087, calibrationError: 0.0125 },
      },
    ],
    machine: { cores: 2, cpu: 'X', memoryGb: 24, node: 'v20' },
    commit: 'abc',
  } as unknown as ActivityResult
  expect(renderActivity(result)).toContain(
    '| 2011-09-01, 28 days | 5,224 | 0.190 | 0.8034 | 0.0291 | logistic | 0.8087 | 0.0125 |',
  )
})
