import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { createEncodeQueue } from './encode-queue.ts'
import type { EncoderHistory } from './onnx-encoder.ts'

const history = (...itemRows: number[]): EncoderHistory => ({
  itemRows: Int32Array.from(itemRows),
  timestampMs: Float64Array.from(itemRows, (_, i) => i),
  asOfMs: itemRows.length,
})

/** Encodes a history as its number of events and its newest item; remembers the size of each run. */
function createCounter() {
  const sizes: number[] = []
  return {
    sizes,
    numRunsAtOnce: 1,
    encode: async (histories: readonly EncoderHistory[]): Promise<Float32Array> => {
      sizes.push(histories.length)
      return Float32Array.from(
        histories.flatMap(({ itemRows }) => [itemRows.length, itemRows.at(-1) as number]),
      )
    },
  }
}

describe('createEncodeQueue', () => {
  test('encodes what concurrent callers ask for in one run, and gives each its own', async () => {
    const encoder = createCounter()
    const queue = createEncodeQueue(encoder, { dim: 2, maxWaitMs: 50 })
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) => queue.encode([history(7, i + 1)])),
    )
    expect(answers.map(([query]) => [...(query as Float32Array)])).toEqual(
      Array.from({ length: 8 }, (_, i) => [2, i + 1]),
    )
    expect(encoder.sizes).toEqual([8])
    expect([queue.numRuns, queue.numEncoded, queue.length]).toEqual([1, 8, 0])
  })

  test('runs no more than the largest batch at once, in order of arrival', async () => {
    const encoder = createCounter()
    const queue = createEncodeQueue(encoder, { dim: 2, maxBatchSize: 3 })
    const queries = await queue.encode(Array.from({ length: 7 }, (_, i) => history(i + 1)))
    expect(queries.map((query) => query[1])).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(encoder.sizes).toEqual([3, 3, 1])
  })

  test('lets a thread begin at once, and gathers while as many runs as it takes are under way', async () => {
    const counter = createCounter()
    const encode = async (histories: readonly EncoderHistory[]): Promise<Float32Array> => {
      await sleep(20)
      return counter.encode(histories)
    }
    const queue = createEncodeQueue({ encode, numRunsAtOnce: 2 }, { dim: 2 })
    const answers: Promise<Float32Array[]>[] = []
    for (let i = 0; i < 6; i++) {
      answers.push(queue.encode([history(i + 1)]))
      await Promise.resolve()
    }
    await Promise.all(answers)
    expect(counter.sizes).toEqual([1, 1, 4])
  })

  test('lets a lone history wait no longer than told', async () => {
    const queue = createEncodeQueue(createCounter(), { dim: 2, maxWaitMs: 100 })
    const startMs = performance.now()
    await queue.encode([history(1)])
    const tookMs = performance.now() - startMs
    expect(tookMs).toBeGreaterThanOrEqual(100)
    expect(tookMs).toBeLessThan(2000)
  })

  test('gives zeros for an empty history without a run', async () => {
    const queue = createEncodeQueue(createCounter(), { dim: 2 })
    expect(await queue.encode([history()])).toEqual([new Float32Array(2)])
    expect(queue.numRuns).toBe(0)
  })

  test('passes an error on to those of its run alone', async () => {
    const counter = createCounter()
    const encode = async (histories: readonly EncoderHistory[]): Promise<Float32Array> => {
      if (histories.some(({ itemRows }) => itemRows[0] === 9)) throw new Error('broken')
      return counter.encode(histories)
    }
    const queue = createEncodeQueue({ encode, numRunsAtOnce: 1 }, { dim: 2, maxBatchSize: 1 })
    const [first, second] = await Promise.allSettled([
      queue.encode([history(9)]),
      queue.encode([history(1)]),
    ])
    expect(first).toMatchObject({ status: 'rejected', reason: new Error('broken') })
    expect(second.status).toBe('fulfilled')
  })

  test.each([
    { dim: 1, maxBatchSize: 0 },
    { dim: 1, maxWaitMs: -1 },
  ])('refuses %o', (options) => {
    expect(() => createEncodeQueue(createCounter(), options)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
  })
})
