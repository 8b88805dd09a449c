import { expect, test } from 'vitest'
import type { ScaleResult, ScaleRun } from '../scale/result.ts'
import { renderScale } from './render-scale.ts'

const first: ScaleRun = {
  engine: 'wasm simd (2 threads)',
  stepsBefore: 0,
  stepsAfter: 400,
  stepsPerEpoch: 19_000,
  firstLoss: 6,
  lastLoss: 5,
  tokensPerSecond: 20_000.4,
  epochSecondsLeft: 9000,
  epochSeconds: 9300,
  scanSeconds: 61,
  startSeconds: 5,
  saveSeconds: 2,
  peakBytes: 2.5e9,
  statedBytes: 3e9,
}

const result: ScaleResult = {
  commit: 'abc',
  startedAt: '2026-01-01T00:00:00Z',
  machine: { cpu: 'Test', cores: 2, memoryGb: 8, node: 'v20' },
  loadAverage1m: 0.25,
  loadAverage1mAtEnd: 2.04,
  versions: {},
  numUsers: 5e6,
  numItems: 1e6,
  numEvents: 2e8,
  task: { steps: 400, batchSize: 256, dim: 64, numNegatives: 512, seed: 1 },
  eventsFileBytes: 5.7e9,
  checkpointBytes: 7.7e8,
  runs: { first, resumed: { ...first, stepsBefore: 400, stepsAfter: 420 } },
}

test('renderScale writes a row for the stopped run and one for the run that went on', () => {
  expect(renderScale(result)).toBe(
    [
      '| Run | Steps of the epoch | tokens/s | an epoch would take | first pass | stated GB | peak GB |',
      '| --- | ---: | ---: | ---: | ---: | ---: | ---: |',
      '| from the start | 1 to 400 of 19,000 | 20,000 | 2 h 35 min | 61 s | 3.00 | 2.50 |',
      '| from the checkpoint | 401 to 420 of 19,000 | 20,000 | 2 h 35 min | 61 s | 3.00 | 2.50 |',
      '',
      '5,000,000 users, 1,000,000 items, 200,000,000 events (5.70 GB on disk), dim 64, batches of 256, 512 negatives, wasm simd (2 threads); checkpoint 0.77 GB. Measured on 2 cores of Test, 8 GB, Node v20, load average 0.3 at the start, commit abc. Load average 2.0 at the end.',
    ].join('\n'),
  )
})
