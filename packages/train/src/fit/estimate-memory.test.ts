import { describe, expect, test } from 'vitest'
import { checkTrainingMemory, describeMemory, estimateTrainingMemory } from './estimate-memory.ts'
import { createFitConfig } from './options.ts'

const config = createFitConfig(
  {
    encoder: { dim: 64, numBlocks: 1, maxLength: 50 },
    batchSize: 256,
    numNegatives: 512,
    loss: 'sampled-softmax',
  },
  1_000_000,
)
const streamed = {
  numItems: 1_000_000,
  numUsers: 5_000_000,
  windowEvents: 4_000_000,
  numCases: 2000,
  numThreads: 2,
}

describe('estimateTrainingMemory', () => {
  test('adds up what a run with a large catalogue holds', () => {
    const { parts, totalBytes } = estimateTrainingMemory(config, streamed)
    // (1,000,000 items and padding) x 64 x 4 bytes.
    expect(parts.itemVectors).toBe(256_000_256)
    expect(parts.itemMoments).toBe(512_000_512)
    // Positions 50 x 64; two norms in the block and one behind it, 128 each; attention 64 x 192 + 192 and 64 x 64 + 64;
    // feed-forward 64 x 256 + 256 and 256 x 64 + 64.
    const weights = 4 * (3200 + 3 * 128 + 12_480 + 4160 + 16_640 + 16_448)
    expect(parts.bestWeights).toBe(256_000_256 + weights)
    expect(parts.network).toBe(9 * weights)
    // 2 x 256 x 50 + 512 items of 64 floats, once and a gradient each of 2 threads; 48 rows of 512 logits for each.
    expect(parts.step).toBe(26_112 * 256 * 3 + 48 * 512 * 4 * 2)
    expect(parts.events).toBe(2 * 12 * 4_000_000 + 2 ** 27)
    expect(parts.users).toBe(80_000_000)
    // 256 questions of a million scores would be 1 GB, so a round is cut to 256 MiB.
    expect(parts.validation).toBe(2 ** 29)
    expect(totalBytes).toBe(Object.values(parts).reduce((sum, bytes) => sum + bytes, 0))
  })

  test('does not grow with events on disk, and does with events in memory', () => {
    const total = (size: object): number =>
      estimateTrainingMemory(config, { ...streamed, ...size }).totalBytes
    expect(total({ numEvents: 2e8 })).toBe(total({ numEvents: 2e7 }))
    const inMemory = { windowEvents: undefined }
    expect(total({ ...inMemory, numEvents: 3e8 }) - total({ ...inMemory, numEvents: 2e8 })).toBe(
      2e9,
    )
  })

  test('counts a second item table, and rows for tokens beside those for answers', () => {
    const untied = {
      ...config,
      encoder: { ...config.encoder, outputEmbeddings: 'untied' },
    } as const
    const { parts } = estimateTrainingMemory(untied, streamed)
    expect(parts.itemVectors).toBe(2 * 256_000_256)
    expect(parts.itemMoments).toBe(2 * 512_000_512)
    // 256 x 50 tokens more than where they are among the answers.
    expect(parts.step).toBe((26_112 + 12_800) * 256 * 3 + 48 * 512 * 4 * 2)
  })

  test('counts four answers for each visit, of which every event may be one', () => {
    const { parts } = estimateTrainingMemory({ ...config, objective: 'horizon' }, streamed)
    // 256 x 50 tokens and four times as many targets, and 512 negatives.
    expect(parts.step).toBe((5 * 12_800 + 512) * 256 * 3 + 48 * 512 * 4 * 2)
  })

  test('counts the weeks of a popularity prior, and those of a batch', () => {
    const weeks = { ...streamed, numWeeks: 50 }
    expect(estimateTrainingMemory(config, weeks).parts.prior).toBe(0)
    const { parts } = estimateTrainingMemory({ ...config, popularityPrior: 0.5 }, weeks)
    // One row before, and one after the training weeks; 26,112 items that a step uses.
    expect(parts.prior).toBe(4 * (52 * 1_000_001 + 50 * 26_112))
  })

  test('leaves out best weights and scores of a run without validation', () => {
    const { parts } = estimateTrainingMemory(config, { numItems: 10 })
    expect([parts.bestWeights, parts.validation, parts.users]).toEqual([0, 0, 0])
  })
})

describe('checkTrainingMemory', () => {
  test('refuses a run that does not fit, with the figures', () => {
    const estimate = estimateTrainingMemory(config, streamed)
    checkTrainingMemory(estimate, estimate.totalBytes)
    expect(() => checkTrainingMemory(estimate, 1.5e9)).toThrow(
      expect.objectContaining({
        code: 'OUT_OF_MEMORY',
        message: expect.stringMatching(/fit in the 1\.50 GB .* moments 0\.51 GB/),
      }),
    )
  })
})

describe('describeMemory', () => {
  test('names the parts that matter, largest first', () => {
    const { parts } = estimateTrainingMemory(config, { numItems: 10 })
    const zero = Object.fromEntries(Object.keys(parts).map((name) => [name, 0])) as typeof parts
    const estimate = {
      totalBytes: 4e9,
      parts: { ...zero, itemVectors: 1e9, itemMoments: 3e9, step: 9 },
    }
    expect(describeMemory(estimate)).toBe('4.00 GB (their moments 3.00 GB, item vectors 1.00 GB)')
  })
})
