import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { drawBatches } from './draw-batches.ts'
import { readTask, writeTask } from './engine-task.ts'
import { prepareBatch } from './prepare-batch.ts'
import { createTaskEncoder } from './task-encoder.ts'

// The second user has one training event, so nothing to predict.
const events = {
  offsets: Int32Array.of(0, 6, 9),
  ends: Int32Array.of(5, 7, 11),
  itemRows: Int32Array.of(1, 2, 3, 4, 5, 9, 9, 9, 9, 7, 8),
  numItems: 9,
}
const common = { numBatches: 3, batchSize: 4, maxLength: 2, numShared: 5, seed: 1 }

describe('drawBatches', () => {
  test('takes the newest training events and the event after each as its target', () => {
    for (const { offsets, tokens, targets } of drawBatches(events, { ...common, loss: 'bce' })) {
      for (let b = 0; b < 4; b++) {
        const range = [offsets[b], offsets[b + 1]]
        const got = [tokens.slice(...range), targets.slice(...range)].map((rows) => [...rows])
        const first = [
          [3, 4],
          [4, 5],
        ]
        const third = [[7], [8]]
        expect([first, third]).toContainEqual(got)
      }
    }
  })

  test('draws one other item a token, shared distinct items, or none', () => {
    const draw = (loss: 'bce' | 'sampled-softmax' | 'softmax') =>
      drawBatches(events, { ...common, loss })
    for (const { targets, negatives } of draw('bce')) {
      expect(negatives).toHaveLength(targets.length)
      expect(negatives.some((row, i) => row === targets[i])).toBe(false)
    }
    for (const { negatives } of draw('sampled-softmax')) expect(new Set(negatives).size).toBe(5)
    for (const { negatives } of draw('softmax')) expect(negatives).toHaveLength(0)
  })
})

describe('writeTask', () => {
  test('is read back as it was', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'perennial-task-'))
    try {
      const batches = drawBatches(events, { ...common, loss: 'sampled-softmax' })
      const encoder = createTaskEncoder({ dim: 4, maxLength: 2 })
      const loss = 'sampled-softmax' as const
      const task = { encoder, numItems: 9, loss, learningRate: 0.1, seed: 1, numThreads: 2 }
      await writeTask(folder, { task, batches })
      expect(await readTask(folder)).toEqual({ task, batches })
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})

describe('prepareBatch', () => {
  const packed = {
    offsets: Int32Array.of(0, 2),
    tokens: Int32Array.of(8, 3),
    targets: Int32Array.of(3, 5),
    negatives: Int32Array.of(2, 8),
  }

  test('numbers the item rows that a step uses', () => {
    const task = { loss: 'sampled-softmax', numItems: 9, seed: 1 } as const
    const { itemRows, batch } = prepareBatch(packed, task)
    expect([...itemRows]).toEqual([2, 3, 5, 8])
    expect([...batch.tokens, ...batch.targets]).toEqual([3, 1, 1, 2])
    expect(batch.negatives).toMatchObject({ loss: 'softmax', sharedBy: 'batch', count: 2 })
    expect([...(batch.negatives?.items ?? [])]).toEqual([0, 3])
  })

  test('takes every item for full softmax', () => {
    const negatives = new Int32Array(0)
    const task = { loss: 'softmax', numItems: 9, seed: 1 } as const
    const { itemRows, batch } = prepareBatch({ ...packed, negatives }, task)
    expect([...itemRows]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect([...batch.tokens]).toEqual([7, 2])
    expect(batch.negatives).toBeNull()
  })
})
