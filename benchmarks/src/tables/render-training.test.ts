import { expect, test } from 'vitest'
import type { TrainingResult } from '../training/result.ts'
import { renderTraining } from './render-training.ts'

const result: TrainingResult = {
  commit: 'abc',
  startedAt: '2026-01-01T00:00:00Z',
  machine: { cpu: 'Test', cores: 2, memoryGb: 8, node: 'v20' },
  loadAverage1m: 0.25,
  versions: { torch: '2.0' },
  seed: 1,
  numThreads: 2,
  method: {},
  common: {},
  schedule: { warmUpSteps: 1, rounds: 2, settleSteps: 0, stepsPerRound: 3 },
  peak: { name: 'a kernel', gflopsPerThread: 20 },
  settings: [
    {
      name: 'ml-1m-bce',
      dataset: 'movielens-1m',
      dim: 50,
      maxLength: 200,
      loss: 'bce',
      numItems: 10,
      tokensPerStep: 1000,
      gflopPerStep: 4,
      othersBusyShare: 0.014,
      engines: {
        wasm: {
          version: 'wasm simd',
          medianMs: 200,
          minMs: 190,
          maxMs: 210.04,
          ratioToPlain: 3.456,
          ratioToTuned: null,
          gflopsPerSecond: 20,
          shareOfPeak: 0.5,
          tokensPerSecond: 5000,
          peakBytes: 100 * 2 ** 20,
          prepareMs: 1,
          stepMs: [[200]],
          losses: [1],
        },
        plain: { skipped: 'not here' },
      },
    },
  ],
}

test('renderTraining writes a row for each engine that was measured', () => {
  expect(renderTraining(result)).toBe(
    [
      '| Setting | Engine | ms a step (min to max) | times plain | times tuned | GFLOP/s | of peak | peak MiB | tokens/s |',
      '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
      '| ml-1m-bce | wasm | 200.0 (190.0 to 210.0) | 3.46 | - | 20.0 | 50 % | 100 | 5,000 |',
      '',
      'Medians of 6 steps in 2 rounds on 2 threads, torch 2.0. "Of peak" is the share of 2 times 20.0 GFLOP/s, the speed of a kernel. Other processes had at most 1 % of the cores meanwhile. Measured on 2 cores of Test, 8 GB, Node v20, load average 0.3 at the start, commit abc.',
    ].join('\n'),
  )
})
