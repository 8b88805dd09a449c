import { expect, test } from 'vitest'
import { describeCustomer } from './customer.ts'
import { createSequenceSignal } from './sequence-signal.ts'

/** Buys items 1 and 2 on day 0, asked on day 1. */
const customer = describeCustomer({
  itemRows: Int32Array.of(1, 2),
  timestampMs: Float64Array.of(0, 0),
  quantities: Float32Array.of(1, 1),
  asOfMs: 86_400_000,
})
const vectors = Float32Array.of(9, 9, 1, 0, 0, 1, 2, 0, 0, 3, 1, 1)

test('createSequenceSignal scores every item by the query, and finds the best that are not owned', () => {
  const signal = createSequenceSignal({
    vectors,
    dim: 2,
    prior: Float32Array.of(0, 0, 0, 0.5, 0, 0),
    queryOf: () => Float32Array.of(1, 0.5),
  })
  signal.turnTo(customer)
  expect([1, 2, 3, 4, 5].map((itemRow) => signal.valueOf(itemRow))).toEqual([1, 0.5, 2.5, 1.5, 1.5])
  expect([...signal.best(2)]).toEqual([3, 4])
})

test('createSequenceSignal says nothing of a customer without a query', () => {
  const signal = createSequenceSignal({ vectors, dim: 2, queryOf: () => undefined })
  signal.turnTo(customer)
  expect(signal.valueOf(3)).toBeNaN()
  expect(signal.best(3)).toHaveLength(0)
})
