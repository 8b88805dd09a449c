import { createEncoderConfig, createRng } from '@perennial/core'
import { buildDataset } from '@perennial/core/testing'
import { createEngine, type Engine } from '@perennial/train'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answerQuestion } from './answer-question.ts'
import { dateOf } from './cut-days.ts'
import type { Question } from './question.ts'
import { changeSettings, SHOP_SETTINGS } from './settings.ts'
import { lastHorizonQuestions } from './shop-questions.ts'
import { createSignalSource } from './signals.ts'
import { summarizeGroups } from './summarize-groups.ts'
import { createListSource } from './train-rankers.ts'

const NUM_ITEMS = 40

/** Users who buy three items each again and again, every item at its own interval of 8 to 25 days. */
function dataset(): Question['dataset'] {
  const rng = createRng(5)
  const users = Array.from({ length: 120 }, () => {
    const events: (readonly [number, number])[] = []
    for (let n = 0; n < 3; n++) {
      const itemRow = 1 + rng.nextInt(NUM_ITEMS)
      const interval = 8 + (itemRow % 18)
      for (let day = rng.nextInt(interval); day < 150; day += interval) events.push([itemRow, day])
    }
    return events.sort((a, b) => a[1] - b[1])
  })
  return buildDataset(users, { numItems: NUM_ITEMS })
}

describe('answerQuestion', () => {
  let engine: Engine
  let question: Question
  const said: string[] = []
  const progress = {
    signal: new AbortController().signal,
    onStage: (text: string) => void said.push(text),
  }
  const signalsOf = createSignalSource(progress)
  beforeAll(async () => {
    engine = await createEngine(createEncoderConfig(), 'wasm', { numThreads: 1 })
    ;[question] = lastHorizonQuestions(dataset(), { horizonDays: 10, split: 'test' }) as [Question]
  })
  afterAll(() => engine.close())

  test('answers with all methods and says what training took', async () => {
    const answer = await answerQuestion(question, {
      ...progress,
      engine,
      settings: SHOP_SETTINGS,
      seeds: [1, 2],
      listsOf: createListSource(signalsOf, progress),
      signalsOf,
      rankerOnly: false,
    })
    expect(answer.methods.map(({ name, seed }) => [name, seed])).toEqual([
      ['popularity', null],
      ['personal-frequency', null],
      ['decayed-frequency', null],
      ['item-knn', null],
      ['tifu-knn', null],
      ['bg-nbd-order', null],
      ['neighbor-blend', null],
      ['linear-ranker', 1],
      ['linear-ranker', 2],
      ['ranker', 1],
      ['ranker', 2],
    ])
    const ndcg = new Map(answer.methods.map(({ name, metrics }) => [name, metrics['ndcg@10']]))
    // Three items a user: whoever ranks his own first finds them, and what is due comes first for who learns intervals.
    expect(ndcg.get('popularity')).toBeLessThan(0.5)
    expect(ndcg.get('ranker')).toBeGreaterThan(ndcg.get('decayed-frequency') as number)
    expect(ndcg.get('ranker')).toBeGreaterThan(0.8)
    const [first, second] = answer.methods.filter(({ name }) => name === 'ranker')
    expect(first?.metrics).not.toEqual(second?.metrics)

    expect(answer.label).toBe(dateOf(question.cutDay))
    expect(answer.trainingCuts[0]).toBe(dateOf(question.cutDay - 10))
    expect(answer.trainingCuts).toHaveLength(6)
    expect(answer.numCases).toBe(question.cases.length)
    expect(answer.repeatShare).toBeGreaterThan(0.9)
    expect(answer.training.numRows).toBeGreaterThan(answer.training.numLists)
    expect(answer.training.peakBytes).toBeGreaterThan(1e7)
    expect(answer.sources.find(({ name }) => name === 'own')?.recall).toBeGreaterThan(0.9)
    expect(answer.staleness.map(({ points }) => points.map(({ ageDays }) => ageDays))).toEqual(
      new Array(3).fill([0, 7, 28]),
    )
    // Nothing is old at age 0.
    const fresh = answer.staleness.find(({ method }) => method === 'ranker')?.points[0]
    expect(fresh?.metrics['ndcg@10']).toBeCloseTo(second?.metrics['ndcg@10'] as number, 6)
    const visits = answer.segments.find(({ by, method }) => by === 'visits' && method === 'ranker')
    expect(visits?.segments.reduce((sum, { numCases }) => sum + numCases, 0)).toBe(answer.numCases)
    expect(said.some((text) => text.includes('training lists of cut 6 of 6'))).toBe(true)
    const [group] = summarizeGroups([JSON.parse(JSON.stringify(answer))])
    // Nobody buys anything new here, so there is nothing to compare in that.
    expect(group?.metrics.ranker?.['new_item_recall@10']).toBe(null)
    expect(group?.comparisons.map(({ metric }) => metric)).not.toContain('new_item_recall@10')
    expect(group?.metrics.ranker?.['ndcg@10']).toBeCloseTo(
      ((first?.metrics['ndcg@10'] as number) + (second?.metrics['ndcg@10'] as number)) / 2,
      6,
    )
  }, 60_000)

  test('asks a variant about the ranker alone, from the lists of the one before', async () => {
    said.length = 0
    const listsOf = createListSource(signalsOf, progress)
    const ask = (variant: string): ReturnType<typeof answerQuestion> =>
      answerQuestion(question, {
        ...progress,
        engine,
        settings: changeSettings(SHOP_SETTINGS, variant),
        seeds: [1],
        listsOf,
        signalsOf,
        rankerOnly: true,
      })
    const linear = await ask('linear')
    const blind = await ask('without-item-features')
    expect(linear.methods.map(({ name }) => name)).toEqual(['ranker'])
    expect(linear.methods[0]?.metrics).not.toEqual(blind.methods[0]?.metrics)
    expect(said.filter((text) => text.includes('training lists'))).toHaveLength(6)
    const three = await ask('three-cuts')
    expect(three.trainingCuts).toEqual(linear.trainingCuts.slice(0, 3))
    expect(said.filter((text) => text.includes('training lists'))).toHaveLength(9)
  }, 60_000)
})

describe('lastHorizonQuestions', () => {
  test('asks about the last days, and on validation about those before', () => {
    const [test] = lastHorizonQuestions(dataset(), { horizonDays: 10, split: 'test' })
    const [validation] = lastHorizonQuestions(dataset(), { horizonDays: 10, split: 'validation' })
    expect((test?.cutDay as number) - (validation?.cutDay as number)).toBe(10)
    expect(test?.trainingCutDays[0]).toBe(validation?.cutDay)
  })

  test('reports data too short to train on', () => {
    expect(() => lastHorizonQuestions(dataset(), { horizonDays: 140, split: 'test' })).toThrowError(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
  })
})
