import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { measureOperation } from './measure-operation.ts'

function spin(ms: number): void {
  const endMs = performance.now() + ms
  while (performance.now() < endMs);
}

describe('measureOperation', () => {
  test('gives microseconds of a synchronous operation', async () => {
    const { name, meanMicros, medianMicros, numSamples } = await measureOperation(
      'spin',
      () => spin(2),
      { maxSeconds: 0.1 },
    )
    expect(name).toBe('spin')
    // No less than the truth, and no unit beside it however busy the machine is.
    for (const micros of [meanMicros, medianMicros]) {
      expect(micros).toBeGreaterThanOrEqual(1999)
      expect(micros).toBeLessThan(100_000)
    }
    expect(numSamples).toBeGreaterThanOrEqual(5)
  })

  test('waits for a promise', async () => {
    const { medianMicros } = await measureOperation('sleep', () => sleep(5), { maxSeconds: 0.1 })
    expect(medianMicros).toBeGreaterThan(4000)
    expect(medianMicros).toBeLessThan(250_000)
  })

  test('samples longer when told to', async () => {
    const sample = async (maxSeconds: number): Promise<number> =>
      (await measureOperation('spin', () => spin(1), { maxSeconds })).numSamples
    expect(await sample(0.8)).toBeGreaterThan(await sample(0.01))
  })

  test.each([
    ['thrown', (): void => fail()],
    ['rejected', async (): Promise<void> => fail()],
  ])('passes on an error %s at a later call', async (_, failing) => {
    let calls = 0
    const run = (): unknown => {
      if (++calls > 3) return failing()
      return failing.constructor.name === 'AsyncFunction' ? Promise.resolve() : undefined
    }
    await expect(measureOperation('failing', run, { maxSeconds: 0.1 })).rejects.toThrow('broken')
  })
})

function fail(): never {
  throw new Error('broken')
}
