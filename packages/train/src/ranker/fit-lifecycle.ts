import {
  buildCategoryTree,
  createSignals,
  customerKey,
  DAY_MS,
  type Dataset,
  DEFAULT_CANDIDATE_SIZES,
  endsBefore,
  hash32,
  type LifecycleConfig,
  type LifecycleStateOptions,
  type LinkTables,
  orderPurchases,
  type Purchases,
  type Scorer,
  type Signal,
} from '@perennial/core'
import type { Engine } from '../engine/engine.ts'
import { type CutDays, chooseCutDays } from './cut-days.ts'
import { fitRanker, type Ranker, type RankerOptions } from './fit-ranker.ts'
import { fitTiming, type Timing } from './fit-timing.ts'
import type { Ladder } from './ladder.ts'
import type { LinkPast } from './link-tables.ts'
import { type BuildListsOptions, buildRankingLists, type Past } from './ranking-lists.ts'
import { pickScale, scaleLists } from './scaled-lists.ts'
import { validateRungs } from './validate-rungs.ts'

/** Options of {@link fitLifecycle}. */
export interface FitLifecycleOptions extends RankerOptions {
  readonly engine: Engine
  /** Day of the test question; nothing from it on is learned. */
  readonly testCutDay: number
  readonly horizonDays: number
  /** The sequence model, trained on days before `testCutDay - horizonDays`: the top rung of the ladder. */
  readonly sequence: Scorer
  /** Learns the item-to-item tables of a cut. */
  readonly linksAt: (past: LinkPast) => Promise<LinkTables>
  readonly signal?: AbortSignal | undefined
  readonly onStage?: ((stage: string) => void) | undefined
}

/** All that an artifact needs to rank by more than the sequence model. */
export interface FittedLifecycle {
  readonly config: LifecycleConfig
  readonly ladder: Ladder
  /** Absent where too few customers came back to learn from. */
  readonly networks: { readonly ranker: Ranker; readonly timing: Timing } | undefined
  readonly purchases: Purchases
  /** Learned from all days before the test cut. */
  readonly links: LinkTables
}

/** How users are compared; see `Population`. */
const STATE = { similarityHalfLifeDays: 180, recentHalfLivesDays: [30, 15], neighbors: 200 }
/** Share of candidates kept in training that were neither owned nor bought; as good as all of them, at half the cost. */
const KEEP_SHARE = 0.35
/** Lists of one cut; with more customers, that many of them are drawn. */
const MAX_LISTS = 2000
/** Of all customers, buyers or not, who teach when purchases come. */
const MAX_TIMING_LISTS = 1000
const TIMING_KEEP_SHARE = 0.05
const OUTCOME_DAYS = 180

type ListOptions = Pick<BuildListsOptions, 'createSignals'> & {
  readonly keepShare: number
  readonly includes: (userRow: number, cutDay: number) => boolean
}

/** Chooses the ranking on validation, and trains it and the timing on all that is known before the test cut. */
export async function fitLifecycle(
  dataset: Dataset,
  options: FitLifecycleOptions,
): Promise<FittedLifecycle> {
  const { engine, testCutDay, horizonDays, sequence, linksAt, signal, onStage, seed = 1 } = options
  const state = { ...STATE, horizonDays }
  const cuts = chooseCutDays(dataset.sequences, { testCutDay, horizonDays })
  const lists: ListOptions = {
    keepShare: KEEP_SHARE,
    createSignals: createSignalsWith(dataset, linksAt),
    includes: drawCustomers(dataset, MAX_LISTS, { seed, horizonDays }),
  }
  const ladder = await validateRungs(dataset, {
    engine,
    cuts,
    state,
    lists,
    sequence,
    ranker: options,
    signal,
    onStage,
  })
  const isTrained = ladder.rungs.some(
    ({ ranking, mean }) => ranking === 'linear-ranker' && mean !== null,
  )
  const networks = isTrained
    ? await trainNetworks(dataset, { ...options, cuts, state, lists, ladder })
    : undefined
  return {
    config: {
      ranking: ladder.ranking,
      ...state,
      sizes: DEFAULT_CANDIDATE_SIZES,
      ...(networks && {
        network: {
          featureNames: networks.ranker.featureNames,
          scale: networks.ranker.scale,
        },
      }),
    },
    ladder,
    networks,
    purchases: collectPurchases(dataset, testCutDay),
    links: await linksAt({
      cutDay: testCutDay,
      ends: endsBefore(dataset.sequences, testCutDay * DAY_MS),
    }),
  }
}

/** Returns the signals that candidates get, given how links of items are learned. */
export function createSignalsWith(
  { catalog }: Dataset,
  linksAt: (past: LinkPast) => LinkTables | Promise<LinkTables>,
): (past: Past) => Promise<Signal[]> {
  const categories = buildCategoryTree(catalog)
  return async (past) => createSignals(past.state, { links: await linksAt(past), categories })
}

async function trainNetworks(
  dataset: Dataset,
  {
    engine,
    cuts,
    state,
    lists,
    ladder,
    testCutDay,
    seed = 1,
    signal,
    onStage,
    ...ranker
  }: FitLifecycleOptions & {
    readonly cuts: CutDays
    readonly state: Omit<LifecycleStateOptions, 'numItems'>
    readonly lists: ListOptions
    readonly ladder: Ladder
  },
): Promise<{ ranker: Ranker; timing: Timing }> {
  onStage?.('Training the ranker on the newest windows')
  const built = scaleLists(
    await buildRankingLists(dataset, { ...state, ...lists, seed, signal, cutDays: cuts.final }),
  )
  const trained = await fitRanker(engine, built, {
    ...ranker,
    ...(ladder.ranking === 'linear-ranker' ? { hidden: [] } : {}),
    seed,
    signal,
  })
  onStage?.('Learning when purchases come')
  const timingLists = await buildRankingLists(dataset, {
    ...state,
    // Links of items say what, hardly when, and would be learned anew at each of these cuts.
    createSignals: createSignalsWith(dataset, () => ({})),
    seed,
    signal,
    cutDays: cuts.timing,
    knownUntilDay: testCutDay,
    outcomeDays: OUTCOME_DAYS,
    withoutTargets: true,
    keepShare: TIMING_KEEP_SHARE,
    includes: drawCustomers(dataset, MAX_TIMING_LISTS, { seed }),
  })
  const onScale = scaleLists(timingLists, pickScale(trained, timingLists.featureNames))
  const timing = await fitTiming(engine, onScale, { knownUntilDay: testCutDay, seed, signal })
  return { ranker: trained, timing }
}

/** Returns whether a customer is among about `count` drawn at a cut: of those who come back within a horizon, or of all. */
function drawCustomers(
  { sequences }: Dataset,
  count: number,
  { seed, horizonDays }: { readonly seed: number; readonly horizonDays?: number },
): (userRow: number, cutDay: number) => boolean {
  const shares = new Map<number, number>()
  const shareAt = (cutDay: number): number => {
    const ends = endsBefore(sequences, cutDay * DAY_MS)
    const next =
      horizonDays === undefined ? ends : endsBefore(sequences, (cutDay + horizonDays) * DAY_MS)
    let eligible = 0
    for (let u = 0; u < sequences.numUsers; u++) {
      const isKnown = (ends[u] as number) > (sequences.offsets[u] as number)
      if (isKnown && (horizonDays === undefined || (next[u] as number) > (ends[u] as number)))
        eligible++
    }
    return count / Math.max(1, eligible)
  }
  return (userRow, cutDay) => {
    let share = shares.get(cutDay)
    if (share === undefined) {
      share = shareAt(cutDay)
      shares.set(cutDay, share)
    }
    return share >= 1 || hash32(seed, userRow, cutDay) < share * 2 ** 32
  }
}

/** Returns the purchases before a cut in order of their day. */
function collectPurchases({ userIds, sequences }: Dataset, cutDay: number): Purchases {
  const { itemRows, prices } = sequences
  const { userRows, days, order } = orderPurchases(sequences)
  const before = order.subarray(0, order.findIndex((e) => (days[e] as number) >= cutDay) >>> 0)
  return {
    userKeys: BigUint64Array.from(userIds, customerKey),
    userRows: before.map((e) => userRows[e] as number),
    itemRows: before.map((e) => itemRows[e] as number),
    days: before.map((e) => days[e] as number),
    prices: Float32Array.from(before, (e) => prices[e] as number),
  }
}
