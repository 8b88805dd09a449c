import { DAY_MS } from '../src/data/columns.ts'
import type { Dataset } from '../src/data/dataset.ts'
import { historyOf } from '../src/data/sequences.ts'
import { splitByTime } from '../src/data/split-by-time.ts'
import { type Customer, describeCustomer } from '../src/lifecycle/customer.ts'

/**
 * Returns how well items are ranked that a user buys for the first time within 28 days after a cut:
 * `hits / min(10, targets)` over the 10 best of those he never bought, the mean over users with such a target.
 *
 * @param best - Returns the item rows to rank, best first, none of them the customer's own.
 */
export function neverBoughtRecall(
  dataset: Dataset,
  cutMs: number,
  best: (customer: Customer) => Int32Array,
): { recall: number; numUsers: number; msPerUser: number } {
  const { test: cases } = splitByTime(dataset, { testCutMs: cutMs, horizonMs: 28 * DAY_MS })
  let sum = 0
  let numUsers = 0
  let ms = 0
  for (const { userRow, historyEnd, asOfMs, targets } of cases) {
    const customer = describeCustomer(historyOf(dataset.sequences, userRow, historyEnd, asOfMs))
    const wanted = new Set(targets.filter((itemRow) => !customer.own.has(itemRow)))
    if (wanted.size === 0) continue
    const startMs = performance.now()
    const ranked = best(customer)
    ms += performance.now() - startMs
    const hits = ranked.filter((itemRow) => wanted.has(itemRow)).length
    sum += hits / Math.min(10, wanted.size)
    numUsers++
  }
  return { recall: sum / numUsers, numUsers, msPerUser: ms / numUsers }
}
