import {
  buildCategoryTree,
  createCandidateFinder,
  createReplay,
  createSignals,
  type Dataset,
  LifecycleState,
  RANKING_RULES,
  type RankingRule,
} from '@perennial/core'
import type { Engine } from '../engine/engine.ts'
import type { FittedLifecycle } from './fit-lifecycle.ts'
import { createRankerScorer, type RankerScorer } from './ranker-scorer.ts'
import { createRuleScorer } from './rule-scorer.ts'

/** Returns what will rank in serving, as of a day; `undefined` where that is the sequence model. */
export async function createServedScorer(
  dataset: Dataset,
  { config, networks, links }: FittedLifecycle,
  { engine, asOfDay }: { readonly engine: Engine; readonly asOfDay: number },
): Promise<RankerScorer | undefined> {
  const { ranking, sizes } = config
  if (ranking === 'sequence') return undefined
  const state = new LifecycleState({ ...config, numItems: dataset.catalog.numItems })
  createReplay(state, dataset.sequences).until(asOfDay)
  const categories = buildCategoryTree(dataset.catalog)
  const signals = createSignals(state, { links, categories })
  const finder = createCandidateFinder(state, signals, sizes)
  const rule = RANKING_RULES.find((one): one is RankingRule => one === ranking)
  if (rule !== undefined)
    return { ...createRuleScorer(rule, finder), name: `served: ${rule}`, dispose: () => {} }
  if (networks === undefined) throw new Error(`internal: '${ranking}' was chosen and not trained`)
  return createRankerScorer(networks.ranker, { engine, finder, name: ranking })
}
