import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { type OpenLoopAnswer, runOpenLoop, UnansweredError } from './run-open-loop.ts'

async function run(
  send: (i: number) => Promise<unknown>,
  dueMs: readonly number[],
  drainMs = 5000,
): Promise<OpenLoopAnswer[]> {
  const answers: OpenLoopAnswer[] = []
  await runOpenLoop(send, {
    dueMs: Float64Array.from(dueMs),
    onAnswer: (answer) => answers.push(answer),
    drainMs,
  })
  return answers.sort((a, b) => a.i - b.i)
}

function block(durationMs: number): void {
  const endMs = performance.now() + durationMs
  while (performance.now() < endMs);
}

describe('runOpenLoop', () => {
  test('sends each request when it is due, answered or not the ones before', async () => {
    let underWay = 0
    let mostUnderWay = 0
    const answers = await run(async () => {
      mostUnderWay = Math.max(mostUnderWay, ++underWay)
      await sleep(100)
      underWay--
    }, [0, 5, 10, 15])
    expect(mostUnderWay).toBe(4)
    expect(answers.map(({ i, dueMs }) => [i, dueMs])).toEqual([
      [0, 0],
      [1, 5],
      [2, 10],
      [3, 15],
    ])
    for (const { latencyMs, lateMs } of answers) {
      expect(lateMs).toBeGreaterThanOrEqual(0)
      expect(latencyMs).toBeGreaterThan(98)
    }
  })

  test('counts the waiting of requests that were due while the server stood still', async () => {
    // A server that does one thing at a time and stands still for 200 ms at the first request.
    let last: Promise<unknown> = Promise.resolve()
    const answers = await run(
      (i) => {
        last = last.then(() => sleep(i === 0 ? 200 : 0))
        return last
      },
      [0, 50, 100, 150],
    )
    const latencies = answers.map(({ latencyMs }) => latencyMs)
    for (const [i, expectedMs] of [200, 150, 100, 50].entries()) {
      expect(latencies[i]).toBeGreaterThan(expectedMs - 2)
      expect(latencies[i]).toBeLessThan(expectedMs + 45)
    }
  })

  test('counts from the due time when this thread itself was busy, and says how late it sent', async () => {
    const answers = await run(
      async (i) => {
        if (i === 0) block(100)
      },
      [0, 10, 20],
    )
    expect(answers[1]?.lateMs).toBeGreaterThan(88)
    expect(answers[2]?.lateMs).toBeGreaterThan(78)
    expect(answers[1]?.latencyMs).toBeGreaterThanOrEqual(answers[1]?.lateMs as number)
  })

  test('keeps the reason of a failed request and goes on', async () => {
    const failure = new Error('refused')
    const answers = await run(
      async (i) => {
        if (i === 1) throw failure
      },
      [0, 1, 2],
    )
    expect(answers.map(({ error }) => error)).toEqual([undefined, failure, undefined])
  })

  test('ends a request that is never answered as failed', async () => {
    const answers = await run((i) => (i === 1 ? new Promise(() => {}) : sleep(1)), [0, 1], 50)
    expect(answers[0]?.error).toBeUndefined()
    expect(answers[1]?.error).toBeInstanceOf(UnansweredError)
    expect(answers[1]?.latencyMs).toBeGreaterThan(48)
  })

  test('stops at an aborted signal', async () => {
    const abort = new AbortController()
    let numSent = 0
    const running = runOpenLoop(
      async () => {
        numSent++
        abort.abort(new Error('stopped'))
      },
      { dueMs: Float64Array.of(0, 60_000), onAnswer: () => {}, signal: abort.signal },
    )
    await expect(running).rejects.toThrow('stopped')
    expect(numSent).toBe(1)
  })
})
