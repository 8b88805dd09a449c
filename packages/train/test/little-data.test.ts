import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRng, type Dataset, readArtifact } from '@perennial/core'
import { buildDataset } from '@perennial/core/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createEngine } from '../src/engine/create-engine.ts'
import { type TrainResult, trainArtifact } from '../src/train-artifact.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perennial-little-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** Customers who come every `gap` days on average and mostly buy one of three favourites. */
function shop(numUsers: number, eventsEach: number, gap: number): Dataset {
  const rng = createRng(8)
  const users = Array.from({ length: numUsers }, (_, u) => {
    let day = rng.nextInt(gap)
    return Array.from({ length: eventsEach }, () => {
      day += 1 + rng.nextInt(2 * gap)
      const isFavourite = rng.next() < 0.7
      return [isFavourite ? 1 + ((u + rng.nextInt(3)) % 15) : 1 + rng.nextInt(15), day] as const
    })
  })
  return buildDataset(users, { numItems: 15 })
}

async function train(dataset: Dataset, name: string): Promise<TrainResult> {
  return trainArtifact(dataset, join(folder, name), {
    encoder: { dim: 8, numBlocks: 1, maxLength: 10 },
    maxEpochs: 2,
    refitEpochs: 0,
    horizonDays: 14,
    seed: 1,
    runtime: { createEngine: (config) => createEngine(config, 'wasm', { numThreads: 1 }) },
  })
}

describe('little data', () => {
  test('two hundred events are ranked by a rule, and the report says what more would need', async () => {
    const { lifecycle } = await train(shop(20, 10, 6), 'two-hundred')
    const { ladder, networks } = lifecycle
    expect(['popularity', 'decayed-frequency', 'neighbor-blend']).toContain(ladder.ranking)
    expect(networks).toBeUndefined()
    const ranker = ladder.rungs.find(({ ranking }) => ranking === 'ranker')
    expect(ranker?.sentence).toMatch(
      /^ranker: not tried, it needs .* lists to train on, there are \d+\.$/,
    )
    const { manifest, lifecycle: parts } = await readArtifact(join(folder, 'two-hundred'))
    expect(manifest.lifecycle?.network).toBeUndefined()
    expect(parts?.ranker).toBeUndefined()
  })

  test('with some more of it a ranker is trained, and used only if it wins', async () => {
    const { lifecycle } = await train(shop(60, 25, 5), 'more')
    const { ladder, networks } = lifecycle
    const linear = ladder.rungs.find(({ ranking }) => ranking === 'linear-ranker')
    expect(linear?.mean).not.toBeNull()
    expect(linear?.isUsed).toBe((linear?.difference?.low ?? 0) > 0)
    expect(networks).toBeDefined()
    expect((await readArtifact(join(folder, 'more'))).lifecycle?.ranker).toBeDefined()
  })
})
