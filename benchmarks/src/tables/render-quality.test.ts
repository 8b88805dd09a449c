import { expect, test } from 'vitest'
import type { QualityResult } from '../quality/result.ts'
import { renderQuality } from './render-quality.ts'

function result(changes: Partial<QualityResult>, seed: number, best: number): QualityResult {
  const metrics = { 'hit_rate@10': 0.5, 'ndcg@10': 0.25 }
  return {
    experiment: 'toy',
    variant: null,
    split: 'test',
    protocol: 'how',
    commit: 'abc',
    machine: { cores: 2, cpu: 'cpu', memoryGb: 24, node: 'v20' },
    engine: 'wasm',
    datasetFiles: [],
    config: { seed, maxEpochs: 7 },
    bestEpoch: 3,
    trainingSeconds: 12,
    curve: [{ epoch: 1, loss: 1, validationNdcg: best, seconds: 1, tokensPerSecond: 1 }],
    metrics: { popularity: metrics, ligr: metrics },
    ranks: { popularity: [0, 0, 0, 0], ligr: [1, 0, 0, 0] },
    ...changes,
  } as unknown as QualityResult
}

test('renderQuality gives means over seeds with intervals, and what a lever is worth', () => {
  const text = renderQuality([
    result({}, 1, 0.3),
    result({ ranks: { popularity: [0, 0, 0, 0], ligr: [1, 3, 11, 0] } }, 2, 0.4),
    result({ variant: 'without-gate', split: 'validation' }, 1, 0.25),
  ])
  // Users' hits, by seed: 1 and 1, 0 and 1, never, never; rank 3 gains 1 / log2(4) = 1/2.
  const hits = ((1 + 1) / 2 + (0 + 1) / 2) / 4
  const gains = ((1 + 1) / 2 + (0 + 1 / 2) / 2) / 4
  expect(text).toMatch(
    new RegExp(`\\| ligr \\| ${hits.toFixed(4)} \\| .* \\| ${gains.toFixed(4)} \\|`),
  )
  expect(text).toContain('Means over 2 seeds')
  expect(text).toContain(
    `| without-gate | 0.2500 | 0.3000 | ${(0.3 - 0.25).toFixed(4)} | 7 | 12 s |`,
  )
})
