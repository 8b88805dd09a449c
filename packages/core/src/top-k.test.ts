import { expect, test } from 'vitest'
import { createRng } from './random.ts'
import { selectTopK } from './top-k.ts'

test('agrees with a full sort on random scores full of ties', () => {
  const rng = createRng(1)
  for (let round = 0; round < 200; round++) {
    const length = 1 + rng.nextInt(60)
    const scores = Float32Array.from({ length }, () => rng.nextInt(8))
    const k = 1 + rng.nextInt(length + 3)
    const from = rng.nextInt(3)
    const sorted = Array.from(scores, (score, position) => ({ score, position }))
      .filter(({ position }) => position >= from)
      .sort((a, b) => b.score - a.score || a.position - b.position)
      .slice(0, k)
    expect(Array.from(selectTopK(scores, k, from))).toEqual(sorted.map((entry) => entry.position))
  }
})

test('never selects NaN or -Infinity', () => {
  const scores = Float32Array.of(Number.NaN, -Infinity, -5, Infinity, Number.NaN)
  expect(selectTopK(scores, 4)).toEqual(Int32Array.of(3, 2))
})

test('is empty for k of 0', () => {
  expect(selectTopK(Float32Array.of(1, 2), 0)).toEqual(new Int32Array())
})
