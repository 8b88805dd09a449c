import { expect, test } from 'vitest'
import { createRaggedLayout } from './ragged-layout.ts'

const offsets = Int32Array.of(0, 4, 5, 9, 10)

test('createRaggedLayout puts sequences of one length into one group', () => {
  const { groups } = createRaggedLayout(offsets, 2)
  expect(groups.map(({ numSequences, length }) => [numSequences, length])).toEqual([
    [2, 1],
    [2, 4],
  ])
  expect(Array.from(groups[0]?.tokens as Int32Array)).toEqual([4, 9])
  expect(Array.from(groups[1]?.tokens as Int32Array)).toEqual([0, 1, 2, 3, 5, 6, 7, 8])
})

test('createRaggedLayout finds every token again at its place, and pads with the row past the last', () => {
  const { groups, places, numTokens } = createRaggedLayout(offsets, 1)
  const laid = groups.flatMap(({ tokens }) => Array.from(tokens))
  expect(laid.filter((token) => token === numTokens).length).toBe(4 * 4 - 10)
  expect(Array.from(places, (place) => laid[place])).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
})

test('createRaggedLayout counts ages from the newest event', () => {
  const { ages, newest } = createRaggedLayout(offsets, 3)
  expect(Array.from(ages)).toEqual([3, 2, 1, 0, 0, 3, 2, 1, 0, 0])
  expect(Array.from(newest)).toEqual([3, 4, 8, 9])
})
