import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { runClosedLoop } from './run-closed-loop.ts'

describe('runClosedLoop', () => {
  test('asks one at a time, in order, and counts what follows the warm-up', async () => {
    const asked: number[] = []
    let underWay = 0
    const { numRequests } = await runClosedLoop(
      async (i) => {
        expect(++underWay).toBe(1)
        asked.push(i)
        await sleep(1)
        underWay--
      },
      { numRequests: 5, numWarmUp: 3, maxSeconds: 60 },
    )
    expect(numRequests).toBe(5)
    expect(asked).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  })

  test('measures from the question to the answer, without the warm-up', async () => {
    const { p50Ms, maxMs } = await runClosedLoop((i) => sleep(i < 2 ? 1000 : 20), {
      numRequests: 3,
      numWarmUp: 2,
      maxSeconds: 60,
    })
    expect(p50Ms).toBeGreaterThan(18)
    expect(maxMs).toBeLessThan(1000)
  })

  test('ends after maxSeconds with one request at least', async () => {
    const options = { numRequests: 1000, numWarmUp: 1000, maxSeconds: 0 }
    expect((await runClosedLoop(() => sleep(1), options)).numRequests).toBe(1)
  })

  test('stops at an aborted signal', async () => {
    const signal = AbortSignal.abort(new Error('stopped'))
    const options = { numRequests: 1, numWarmUp: 0, maxSeconds: 60, signal }
    await expect(runClosedLoop(() => sleep(1), options)).rejects.toThrow('stopped')
  })
})
