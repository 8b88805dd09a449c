import {
  type CategoryTree,
  type Dataset,
  dayOf,
  fitOutlook,
  learnDurability,
  learnRepurchase,
  type OutlookCalibration,
  type OutlookExample,
  outlook,
  probabilityAgain,
} from '@perennial/core'
import { beforeAll, describe, expect, test } from 'vitest'
import { hasDataset, loadDataset } from '../load-dataset.ts'

const HORIZON_DAYS = 14
const isThere = await hasDataset('dunnhumby')

describe.skipIf(!isThere)('dunnhumby (set PERENNIAL_DATA where missing)', () => {
  let dataset: Dataset

  beforeAll(async () => {
    dataset = await loadDataset('dunnhumby')
  })

  test('predicts the share bought again within a month of what is first bought after day 40', () => {
    const { items } = learnRepurchase(dataset, { cutDay: 40 })
    const bins = [0.05, 0.1, 0.15, 0.2, 1].map((end) => ({ end, n: 0, predicted: 0, bought: 0 }))
    forEachFirst(dataset, { from: 40, to: 49 }, (itemRow, gapDays) => {
      const { probability } = probabilityAgain(items, itemRow, 30) ?? { probability: Number.NaN }
      const bin = bins.find(({ end }) => probability < end)
      if (bin === undefined) return
      bin.n++
      bin.predicted += probability
      if (gapDays <= 30) bin.bought++
    })
    // Below .05, .1, .15, .2 and above, in thousandths. The rarest are bought again more often than predicted.
    const thousandths = (part: number, n: number): number => Math.round((1000 * part) / n)
    expect(bins.map(({ n }) => n)).toEqual([1337, 3051, 2428, 1794, 1643])
    const predicted = bins.map((bin) => thousandths(bin.predicted, bin.n))
    expect(predicted).toEqual([35, 75, 124, 173, 283])
    expect(bins.map((bin) => thousandths(bin.bought, bin.n))).toEqual([59, 78, 114, 151, 267])
  })

  test('finds consumables, and no durable in a log of 79 days', () => {
    const intervals = learnRepurchase(dataset, { cutDay: 80 })
    const { items, categories } = learnDurability(dataset, intervals)
    const count = (records: readonly { kind: string; decidedBy: string }[]) => {
      const counts: Record<string, number> = {}
      for (const { kind, decidedBy } of records) {
        const key = `${kind} by ${decidedBy}`
        counts[key] = (counts[key] ?? 0) + 1
      }
      return counts
    }
    expect(count(items.slice(1))).toEqual({
      'consumable by own': 268,
      'unknown by own': 226,
      'consumable by category': 19_942,
      'unknown by category': 2464,
      'unknown by nothing': 23,
    })
    expect(count(categories.slice(1))).toEqual({
      'consumable by own': 786,
      'unknown by own': 125,
      'unknown by nothing': 1448,
    })
  })

  test('calibrates the outlook of categories on an earlier cut', () => {
    const { tree } = learnRepurchase(dataset, { cutDay: 50 })
    const calibration = fitOutlook(examplesAt(dataset, 50), tree)
    const later = examplesAt(dataset, 64)
    const raw = measure(later, tree)
    const fitted = measure(later, tree, calibration)
    // All, department, category, type: what was bought within 14 days, and what was predicted without and with the laws.
    const bought = [0.691, 0.456, 0.236, 0.152]
    const predicted = { raw: [0.931, 0.6, 0.374, 0.31], fitted: [0.672, 0.423, 0.204, 0.127] }
    // More is bought after day 64 than after day 50, which no law of day 50 can know.
    const errors = { raw: [0.245, 0.143, 0.138, 0.158], fitted: [0.023, 0.057, 0.033, 0.026] }
    for (let depth = 0; depth <= tree.maxDepth; depth++) {
      expect(raw[depth]?.bought).toBeCloseTo(bought[depth] as number, 3)
      expect(raw[depth]?.predicted).toBeCloseTo(predicted.raw[depth] as number, 3)
      expect(raw[depth]?.error).toBeCloseTo(errors.raw[depth] as number, 3)
      expect(fitted[depth]?.predicted).toBeCloseTo(predicted.fitted[depth] as number, 3)
      expect(fitted[depth]?.error).toBeCloseTo(errors.fitted[depth] as number, 3)
    }
    // The wider a category, the more its items are bought together.
    const powers = calibration.levels.map(({ power }) => power)
    expect(powers).toEqual(powers.toSorted((a, b) => a - b))
  })
})

/** Calls back for each first purchase of an item by a user within `from .. to - 1`, with the days to the next one. */
function forEachFirst(
  { sequences }: Dataset,
  { from, to }: { readonly from: number; readonly to: number },
  callback: (itemRow: number, gapDays: number) => void,
): void {
  const { offsets, itemRows, timestampMs } = sequences
  for (let user = 0; user < sequences.numUsers; user++) {
    const firsts = new Map<number, { readonly first: number; second?: number }>()
    for (let i = offsets[user] as number; i < (offsets[user + 1] as number); i++) {
      const day = dayOf(timestampMs[i] as number)
      const known = firsts.get(itemRows[i] as number)
      if (known === undefined) firsts.set(itemRows[i] as number, { first: day })
      else if (day > known.first) known.second ??= day
    }
    for (const [itemRow, { first, second = Infinity }] of firsts)
      if (first >= from && first < to) callback(itemRow, second - first)
  }
}

/** Predicts each owned item as a Poisson process: its purchases a day since the first, and 30 days without any before. */
function examplesAt({ sequences }: Dataset, cutDay: number): OutlookExample[] {
  const { offsets, itemRows, timestampMs } = sequences
  const examples: OutlookExample[] = []
  for (let user = 0; user < sequences.numUsers; user++) {
    const owned = new Map<number, { first: number; last: number; count: number }>()
    const targets = new Set<number>()
    for (let i = offsets[user] as number; i < (offsets[user + 1] as number); i++) {
      const day = dayOf(timestampMs[i] as number)
      const itemRow = itemRows[i] as number
      if (day >= cutDay) {
        if (day < cutDay + HORIZON_DAYS) targets.add(itemRow)
        continue
      }
      const known = owned.get(itemRow)
      if (known === undefined) owned.set(itemRow, { first: day, last: day, count: 1 })
      else if (day > known.last) {
        known.last = day
        known.count++
      }
    }
    if (owned.size === 0) continue
    examples.push({
      itemRows: Int32Array.from(owned.keys()),
      probabilities: Float64Array.from(owned.values(), ({ first, count }) => {
        return -Math.expm1((-HORIZON_DAYS * count) / (cutDay - first + 30))
      }),
      targets: Int32Array.from(targets),
    })
  }
  return examples
}

/** Returns predicted and true share of bought categories, and the expected calibration error in tenths, by depth. */
function measure(
  examples: readonly OutlookExample[],
  tree: CategoryTree,
  calibration?: OutlookCalibration,
): { readonly predicted: number; readonly bought: number; readonly error: number }[] {
  const levels = Array.from({ length: tree.maxDepth + 1 }, () =>
    Array.from({ length: 10 }, () => ({ n: 0, predicted: 0, bought: 0 })),
  )
  for (const example of examples) {
    const bought = new Set<number>()
    for (const itemRow of example.targets)
      for (
        let node = tree.nodeOfItem[itemRow] as number;
        node >= 0;
        node = tree.parents[node] as number
      )
        bought.add(node)
    const visit = ({ path, probability, children }: ReturnType<typeof outlook>): void => {
      const bin = levels[path.length]?.[Math.min(9, Math.floor(10 * probability))]
      if (bin === undefined) return
      bin.n++
      bin.predicted += probability
      if (bought.has(tree.nodeOf(path) as number)) bin.bought++
      children.forEach(visit)
    }
    visit(outlook(example, tree, calibration))
  }
  return levels.map((bins) => {
    const sum = (of: (bin: (typeof bins)[number]) => number): number =>
      bins.reduce((total, bin) => total + of(bin), 0)
    const count = sum(({ n }) => n)
    return {
      predicted: sum(({ predicted }) => predicted) / count,
      bought: sum((bin) => bin.bought) / count,
      error: sum((bin) => Math.abs(bin.predicted - bin.bought)) / count,
    }
  })
}
