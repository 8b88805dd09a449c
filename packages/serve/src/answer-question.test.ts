import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeTinyArtifact } from '../test/tiny-artifact.ts'
import { answerQuestion } from './answer-question.ts'
import { historyOf } from './history/history-of.ts'
import type { StoredEvent } from './history/history-store.ts'
import type { RecommendResponse } from './recommendation.ts'
import { loadModel, type ServedModel } from './served-model.ts'

const DAY = 86_400_000
const FIRST = Date.UTC(2026, 0, 1)
const bought = (itemId: string, day: number): StoredEvent => ({
  itemId,
  timestampMs: FIRST + day * DAY,
  quantity: 1,
})
const events = [bought('tea', 0), bought('tea', 6)]

/** Answers about some events on a day after the first. */
async function ask(
  model: ServedModel,
  history: readonly StoredEvent[],
  day: number,
): Promise<RecommendResponse['items']> {
  const question = {
    customer: { events: history },
    k: 6,
    policy: {},
    asOfMs: FIRST + day * DAY,
    explain: true,
    includeSuppressed: false,
    consent: true,
  }
  return (await answerQuestion(model, question, { user: historyOf(history) })).items
}

const scoreOf = (items: RecommendResponse['items'], itemId: string): number | undefined =>
  items.find((item) => item.itemId === itemId)?.score ?? undefined

let timed: ServedModel
let plain: ServedModel
beforeAll(async () => {
  // Without repeats nothing but the network reads times.
  const blend = { repeatWeight: 0, halfLifeDays: 10 }
  timed = await loadModel(await writeTinyArtifact({ blend, usesTimes: true }), {})
  plain = await loadModel(await writeTinyArtifact({ blend }), {})
})
afterAll(async () => {
  await timed.release()
  await plain.release()
})

describe('answerQuestion', () => {
  test('asks a network that uses times about this history at the time of the question', async () => {
    const items = await ask(timed, events, 7)
    // query = mean tea + newest tea + [0, 7 + 1 days of age, 1 day since the newest].
    expect(scoreOf(items, 'tea')).toBeCloseTo(2, 5)
    expect(scoreOf(items, 'pan')).toBeCloseTo(8, 5)
    expect(scoreOf(items, 'soap')).toBeCloseTo(1, 5)
    const later = await ask(timed, events, 10)
    expect(scoreOf(later, 'pan')).toBeCloseTo(10 + 4, 5)
    expect(scoreOf(later, 'soap')).toBeCloseTo(4, 5)
    const moved = await ask(timed, [bought('tea', 3), bought('tea', 5)], 7)
    expect(scoreOf(moved, 'pan')).toBeCloseTo(4 + 2, 5)
    expect(scoreOf(moved, 'soap')).toBeCloseTo(2, 5)
  })

  test('gives the same answer at any time when the network does not use times', async () => {
    const items = await ask(plain, events, 7)
    expect(await ask(plain, events, 10)).toEqual(items)
    expect(await ask(plain, [bought('tea', 3), bought('tea', 5)], 7)).toEqual(items)
  })

  test('leaves an item out with its times, and keeps those of the rest and of the question', async () => {
    const mixed = [bought('soap', 0), bought('tea', 1), bought('soap', 2), bought('tea', 9)]
    const items = await ask(timed, mixed, 10)
    // Ages 10, 9, 8, 1: query = [1/2 + 1, 28, 1/2 + 1]. Without tea [0, 18, 2 + 8], without soap [2, 10, 1].
    expect(scoreOf(items, 'pan')).toBeCloseTo(28, 5)
    expect(scoreOf(items, 'soap')).toBeCloseTo(1.5, 5)
    expect(items.find(({ itemId }) => itemId === 'pan')?.reason).toMatchObject({
      code: 'because-of',
      itemId: 'soap',
    })
    // Without tea the pot would fall by 2.875, without soap by 9.125.
    expect(items.find(({ itemId }) => itemId === 'pot')?.reason).toMatchObject({
      code: 'because-of',
      itemId: 'soap',
    })
  })
})
