import {
  type CandidateSizes,
  createCandidateFinder,
  createReplay,
  createRng,
  DAY_MS,
  type Dataset,
  dayOf,
  describeCustomer,
  endsBefore,
  historyOf,
  LifecycleState,
  type LifecycleStateOptions,
  type Sequences,
  type Signal,
} from '@perennial/core'

/** Candidates of customers at cuts, and what they bought in the horizon after it. */
export interface RankingLists {
  readonly featureNames: readonly string[]
  /** List `n` is the range `offsets[n] .. offsets[n + 1] - 1` of rows. */
  readonly offsets: Int32Array
  /** Customer and day of each list. */
  readonly userRows: Int32Array
  readonly cutDays: Int32Array
  /** Distinct items that the customer bought in the horizon, candidates or not. */
  readonly numTargets: Int32Array
  /**
   * By row: the item, whether it was bought in the horizon, days from the cut to the next purchase (-1 where none is
   * known), and for how many rows like it this one stands.
   */
  readonly itemRows: Int32Array
  readonly isTarget: Uint8Array
  readonly daysUntil: Int32Array
  readonly weights: Float32Array
  /** Shape `[rows, features]`; NaN where a feature does not apply. */
  readonly features: Float32Array
}

/** Options of {@link buildRankingLists}. */
export interface BuildListsOptions extends Omit<LifecycleStateOptions, 'numItems'> {
  /** Days on which questions are asked; each list is computed from days before its cut alone. */
  readonly cutDays: readonly number[]
  /** Makes the signals of a cut from the past that the state and `trainEnds` hold. */
  readonly createSignals: (past: Past) => readonly Signal[] | Promise<readonly Signal[]>
  readonly sizes?: CandidateSizes | undefined
  /** Purchases from this day on are not known, not even as outcomes. @defaultValue all are */
  readonly knownUntilDay?: number | undefined
  /** Days from the cut on whose purchases `daysUntil` knows. @defaultValue `horizonDays` */
  readonly outcomeDays?: number | undefined
  /** Share of candidates kept that were neither owned nor bought, `0..1`. @defaultValue 1 */
  readonly keepShare?: number | undefined
  /** Fixes which are kept. */
  readonly seed?: number | undefined
  /** Which customers are asked. @defaultValue all */
  readonly includes?: ((userRow: number, cutDay: number) => boolean) | undefined
  /** Whether customers who bought nothing in the horizon are asked too. @defaultValue false */
  readonly withoutTargets?: boolean | undefined
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((cutDay: number) => void) | undefined
}

/** What is known at a cut. */
export interface Past {
  readonly state: LifecycleState
  readonly cutDay: number
  /** Shape `[numUsers]`: absolute event position where each user's past ends. */
  readonly ends: Int32Array
}

/** Returns the lists of all cuts, by cut, then user row. The log is replayed once, so nothing of the future is in a list. */
export async function buildRankingLists(
  dataset: Dataset,
  options: BuildListsOptions,
): Promise<RankingLists> {
  const { horizonDays, createSignals, sizes, keepShare = 1, seed = 1 } = options
  const { outcomeDays = horizonDays, knownUntilDay = Infinity } = options
  const { sequences } = dataset
  const state = new LifecycleState({ ...options, numItems: dataset.catalog.numItems })
  const replay = createReplay(state, sequences)
  const lists = createCollector()
  let featureNames: readonly string[] = []
  for (const cutDay of [...options.cutDays].sort((a, b) => a - b)) {
    replay.until(cutDay)
    const cutMs = cutDay * DAY_MS
    const ends = endsBefore(sequences, cutMs)
    const outcomeEnd = Math.min(cutDay + Math.max(horizonDays, outcomeDays), knownUntilDay)
    const windowEnds = endsBefore(sequences, outcomeEnd * DAY_MS)
    const signals = await createSignals({ state, cutDay, ends })
    const finder = createCandidateFinder(state, signals, sizes)
    featureNames = finder.featureNames
    for (let u = 0; u < sequences.numUsers; u++) {
      const end = ends[u] as number
      if (end === sequences.offsets[u] || options.includes?.(u, cutDay) === false) continue
      const outcomes = outcomesOf(sequences, end, windowEnds[u] as number, cutDay)
      const isBuyer = [...outcomes.values()].some((days) => days < horizonDays)
      if (!isBuyer && options.withoutTargets !== true) continue
      const customer = describeCustomer(historyOf(sequences, u, end, cutMs))
      const rng = createRng(seed, u, cutDay)
      const united = finder.unite(customer)
      const kept = united.filter(
        (itemRow) => customer.own.has(itemRow) || outcomes.has(itemRow) || rng.next() < keepShare,
      )
      lists.add(kept, {
        userRow: u,
        cutDay,
        outcomes,
        horizonDays,
        features: finder.describe(customer, kept),
        standsFor: (itemRow) =>
          customer.own.has(itemRow) || outcomes.has(itemRow) ? 1 : 1 / keepShare,
      })
    }
    options.onProgress?.(cutDay)
    await new Promise((resolve) => setImmediate(resolve))
    options.signal?.throwIfAborted()
  }
  return { featureNames, ...lists.end() }
}

/** Returns the days from the cut to the first purchase of each item bought after it. */
function outcomesOf(
  { itemRows, timestampMs }: Sequences,
  start: number,
  end: number,
  cutDay: number,
): Map<number, number> {
  const outcomes = new Map<number, number>()
  for (let e = start; e < end; e++) {
    const itemRow = itemRows[e] as number
    if (!outcomes.has(itemRow)) outcomes.set(itemRow, dayOf(timestampMs[e] as number) - cutDay)
  }
  return outcomes
}

interface AddedList {
  readonly userRow: number
  readonly cutDay: number
  readonly outcomes: ReadonlyMap<number, number>
  readonly horizonDays: number
  readonly features: Float32Array
  readonly standsFor: (itemRow: number) => number
}

function createCollector(): {
  add(itemRows: Int32Array, list: AddedList): void
  end(): Omit<RankingLists, 'featureNames'>
} {
  const offsets = [0]
  const userRows: number[] = []
  const cutDays: number[] = []
  const numTargets: number[] = []
  const items: number[] = []
  const hits: number[] = []
  const waits: number[] = []
  const stands: number[] = []
  const parts: Float32Array[] = []
  return {
    add: (itemRows, { userRow, cutDay, outcomes, horizonDays, features, standsFor }) => {
      for (const itemRow of itemRows) {
        const days = outcomes.get(itemRow)
        items.push(itemRow)
        hits.push(days !== undefined && days < horizonDays ? 1 : 0)
        waits.push(days ?? -1)
        stands.push(standsFor(itemRow))
      }
      parts.push(features)
      offsets.push(items.length)
      userRows.push(userRow)
      cutDays.push(cutDay)
      numTargets.push(Array.from(outcomes.values()).filter((days) => days < horizonDays).length)
    },
    end: () => {
      const length = parts.reduce((sum, part) => sum + part.length, 0)
      // Shared, so that the engine's threads need no copy.
      const features = new Float32Array(new SharedArrayBuffer(4 * length))
      let at = 0
      // Freed one by one: all of them twice would be most of what training needs.
      for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
        features.set(part, at)
        at += part.length
      }
      return {
        offsets: Int32Array.from(offsets),
        userRows: Int32Array.from(userRows),
        cutDays: Int32Array.from(cutDays),
        numTargets: Int32Array.from(numTargets),
        itemRows: Int32Array.from(items),
        isTarget: Uint8Array.from(hits),
        daysUntil: Int32Array.from(waits),
        weights: Float32Array.from(stands),
        features,
      }
    },
  }
}
