import { expect, test } from 'vitest'
import { mergeParts } from './merge-parts.ts'

const part = (itemRows: number[], scores: number[]) => ({
  itemRows: Int32Array.from(itemRows),
  scores: Float32Array.from(scores),
})

test('merges parts best first, equal scores in order of item row', () => {
  const merged = mergeParts(
    [part([9, 2, 4], [5, 3, 1]), part([], []), part([7, 1, 3], [3, 3, 2])],
    5,
  )
  expect(merged).toEqual(part([9, 2, 7, 1, 3], [5, 3, 3, 3, 2]))
})

test('gives all there is when more is wanted', () => {
  expect(mergeParts([part([1], [0]), part([2], [-4])], 9)).toEqual(part([1, 2], [0, -4]))
  expect(mergeParts([], 9)).toEqual(part([], []))
})
