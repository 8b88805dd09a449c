import { type CandidateFinder, describeCustomer, historyOf } from '@perennial/core'
import type { Question } from './question.ts'

/** What one source of candidates finds by itself. */
export interface SourceRecall {
  /** Name of the source, or `all` for their union. */
  readonly name: string
  /** Items it brings a customer, on average. */
  readonly meanItems: number
  /** Share of each customer's targets among them, mean over customers. */
  readonly recall: number
  /** The same of the targets that the customer does not own; `null` where nobody has any. */
  readonly newRecall: number | null
}

/** Returns the recall of targets of each source at its size, and of all together. */
export function measureSources(
  { dataset, cases }: Question,
  finder: CandidateFinder,
): SourceRecall[] {
  const sums = new Map<
    string,
    { items: number; recall: number; newRecall: number; asked: number }
  >()
  for (const { userRow, historyEnd, asOfMs, targets } of cases) {
    const customer = describeCustomer(historyOf(dataset.sequences, userRow, historyEnd, asOfMs))
    const newTargets = targets.filter((itemRow) => !customer.own.has(itemRow))
    const found = [...finder.sources(customer)]
    const all = new Set(found.flatMap(([, itemRows]) => Array.from(itemRows)))
    for (const [name, itemRows] of [...found, ['all', all] as const]) {
      const items = new Set(itemRows)
      const sum = sums.get(name) ?? { items: 0, recall: 0, newRecall: 0, asked: 0 }
      sums.set(name, sum)
      sum.items += items.size
      sum.recall += shareWithin(targets, items)
      if (newTargets.length === 0) continue
      sum.newRecall += shareWithin(newTargets, items)
      sum.asked++
    }
  }
  return [...sums].map(([name, { items, recall, newRecall, asked }]) => ({
    name,
    meanItems: items / cases.length,
    recall: recall / cases.length,
    newRecall: asked === 0 ? null : newRecall / asked,
  }))
}

function shareWithin(targets: Int32Array, items: ReadonlySet<number>): number {
  return targets.filter((itemRow) => items.has(itemRow)).length / targets.length
}
