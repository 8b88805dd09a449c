import { buildDataset } from '@perennial/core/testing'
import { expect, test } from 'vitest'
import { finderAt } from './finder-at.ts'
import { measureSources } from './measure-sources.ts'
import { SHOP_SETTINGS } from './settings.ts'
import { lastHorizonQuestions } from './shop-questions.ts'
import { createSignalSource } from './signals.ts'

/** Items 1 to 3 are bought by the first three users; item 4, the least popular, by the last one alone. */
const dataset = buildDataset([
  [
    [1, 0],
    [1, 20],
    [2, 25],
    [3, 25],
    [1, 38],
    [4, 38],
  ],
  [
    [1, 1],
    [2, 24],
    [2, 35],
    [3, 37],
  ],
  [
    [3, 2],
    [2, 26],
  ],
  [[4, 3]],
])

test('measureSources gives the share of targets that each source finds at its size', async () => {
  const [question] = lastHorizonQuestions(dataset, { horizonDays: 10, split: 'test' })
  if (question === undefined) throw new Error('no question')
  // Asked are the first user, who owns 1, 2, 3 and buys 1 and 4, and the second, who owns 1, 2 and buys 2 and 3.
  expect(question.cases.map(({ targets }) => Array.from(targets))).toEqual([
    [1, 4],
    [2, 3],
  ])
  const sizes = { popular: 1, user_knn: 0, newly_popular: 0 }
  const finder = await finderAt(question, {
    settings: { ...SHOP_SETTINGS, sizes, links: { coBasket: null, ease: null } },
    signalsOf: createSignalSource({ signal: new AbortController().signal, onStage: () => {} }),
  })
  const byName = new Map(measureSources(question, finder).map((one) => [one.name, one]))
  expect(byName.get('own')).toEqual({ name: 'own', meanItems: 2.5, recall: 0.5, newRecall: 0 })
  // The most popular item that is not owned: 4 for the first, as only that is left, and 3 for the second.
  expect(byName.get('popular')).toEqual({
    name: 'popular',
    meanItems: 1,
    recall: 0.5,
    newRecall: 1,
  })
  expect(byName.get('all')).toEqual({ name: 'all', meanItems: 3.5, recall: 1, newRecall: 1 })
  expect(byName.has('user_knn')).toBe(false)
})
