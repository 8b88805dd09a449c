import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { type LoadSettings, type Phase, runPhases } from './run-phases.ts'

const settings: LoadSettings = {
  ratePerSecond: 500,
  spacing: 'fixed',
  seconds: { cold: 0.1, warmUp: 0.1, measured: 0.4 },
  writeShare: 0.2,
  zipfExponent: 1,
  seed: 1,
}
const userIds = ['ann', 'ben']
const itemIds = ['tea', 'oats']

describe('runPhases', () => {
  test('sends the phases in order and counts reads and writes of each', async () => {
    const phases: Phase[] = []
    const eventIds: string[] = []
    const times = await runPhases(
      async (request) => {
        await sleep(request.kind === 'write' ? 20 : 1)
        if (request.kind === 'write') eventIds.push(request.eventId)
      },
      { settings, userIds, itemIds, onPhase: (phase) => void phases.push(phase) },
    )
    expect(phases).toEqual(['cold', 'warmUp', 'measured'])
    const counts = [times.cold, times.warmUp, times.measured].map((one) => one?.numRequests)
    expect(counts).toEqual([50, 50, 200])
    const { reads, writes, numErrors, requestsPerSecond } = times.measured
    expect((reads?.numRequests ?? 0) + (writes?.numRequests ?? 0)).toBe(200)
    expect(writes?.numRequests).toBeGreaterThan(20)
    expect(writes?.numRequests).toBeLessThan(60)
    expect(writes?.p50Ms).toBeGreaterThan(18)
    expect(reads?.p50Ms).toBeLessThan(18)
    expect([numErrors, requestsPerSecond]).toEqual([0, 500])
    expect(new Set(eventIds).size).toBe(eventIds.length)
  })

  test('leaves out phases without time and counts failures', async () => {
    const times = await runPhases(() => Promise.reject(new Error('full')), {
      settings: { ...settings, seconds: { cold: 0, warmUp: 0, measured: 0.1 } },
      userIds,
      itemIds,
    })
    expect(Object.keys(times)).toEqual(['measured'])
    expect(times.measured.errors).toEqual({ full: 50 })
  })

  test('stops at an aborted signal', async () => {
    const signal = AbortSignal.abort(new Error('stopped'))
    const running = runPhases(async () => {}, { settings, userIds, itemIds, signal })
    await expect(running).rejects.toThrow('stopped')
  })
})
