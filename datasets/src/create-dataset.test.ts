import { DAY_MS } from '@perennial/core'
import { describe, expect, test } from 'vitest'
import { createDataset } from './create-dataset.ts'

const SHARED = {
  userIds: ['a', 'b'],
  items: [{ itemId: 'x' }, { itemId: 'y' }],
  userRows: [1, 0, 1],
  itemRows: [2, 1, 1],
  timeKind: 'ordinal',
} as const

describe('createDataset', () => {
  test('moves events to their user and counts a step as a day where there is no time', () => {
    const { sequences, currency } = createDataset(SHARED)
    expect(sequences.offsets).toEqual(Int32Array.of(0, 1, 3))
    expect(sequences.itemRows).toEqual(Int32Array.of(1, 2, 1))
    expect(sequences.timestampMs).toEqual(Float64Array.of(0, 0, DAY_MS))
    expect(sequences.quantities).toEqual(Float32Array.of(1, 1, 1))
    expect(sequences.prices).toEqual(Float32Array.of(Number.NaN, Number.NaN, Number.NaN))
    expect(currency).toBe(null)
  })

  test('keeps times, quantities, prices and currency that are given', () => {
    const { sequences, currency } = createDataset({
      ...SHARED,
      timestampMs: [5, 6, 7],
      quantities: [2, 3, 4],
      prices: [0.5, 0.25, 8],
      currency: 'EUR',
    })
    expect(sequences.timestampMs).toEqual(Float64Array.of(6, 5, 7))
    expect(sequences.quantities).toEqual(Float32Array.of(3, 2, 4))
    expect(sequences.prices).toEqual(Float32Array.of(0.25, 0.5, 8))
    expect(currency).toBe('EUR')
  })
})
