import { buildDataset } from '@perennial/core/testing'
import { expect, test } from 'vitest'
import { chooseCutDays } from './cut-days.ts'

const spanning = (days: number) =>
  buildDataset([
    [
      [1, 0],
      [1, days],
    ],
  ]).sequences

test('chooseCutDays takes windows that close before the next opens, none in the first horizon', () => {
  const cuts = chooseCutDays(spanning(400), { testCutDay: 372, horizonDays: 28 })
  expect(cuts.validation).toEqual([344, 316])
  expect(cuts.training).toEqual([288, 260, 232, 204, 176, 148])
  expect(cuts.final).toEqual([344, 316, 288, 260, 232, 204])
  expect(cuts.timing[0]).toBe(344)
  expect(cuts.timing).toHaveLength(10)
})

test('chooseCutDays leaves something to train on in a short log', () => {
  const cuts = chooseCutDays(spanning(120), { testCutDay: 92, horizonDays: 28 })
  expect(cuts).toMatchObject({ validation: [64], training: [36], final: [64, 36] })
  expect(chooseCutDays(spanning(60), { testCutDay: 32, horizonDays: 28 })).toEqual({
    validation: [4],
    training: [],
    final: [4],
    timing: [],
  })
  expect(chooseCutDays(spanning(60), { testCutDay: 32, horizonDays: 7 }).timing).toEqual([
    25, 18, 11,
  ])
})
