import {
  createDecayedFrequency,
  createNeighborBlend,
  DAY_MS,
  endsBefore,
  evaluateStaleness,
  type Scorer,
} from '@perennial/core'
import { createRankerScorer, type Engine, type Ranker, type RankerScorer } from '@perennial/train'
import { finderAt } from './finder-at.ts'
import { withoutNaN } from './method-result.ts'
import { RANKER } from './methods.ts'
import type { Question } from './question.ts'
import type { StalenessResult } from './result.ts'
import type { LifecycleSettings } from './settings.ts'
import type { SignalSource } from './signals.ts'
import type { Progress } from './train-rankers.ts'

/** Options of {@link measureStaleness}. */
export interface StalenessMeasureOptions extends Progress {
  readonly engine: Engine
  readonly settings: LifecycleSettings
  readonly signalsOf: SignalSource
  readonly ranker: Ranker
}

/** Returns what the methods lose when state and histories ended 7 and 28 days before the question. */
export async function measureStaleness(
  question: Question,
  { engine, settings, signalsOf, ranker, signal, onStage }: StalenessMeasureOptions,
): Promise<StalenessResult[]> {
  const { label, dataset, cases, cutDay, denominator } = question
  const endsAt = (ageDays: number): Int32Array =>
    endsBefore(dataset.sequences, (cutDay - ageDays) * DAY_MS)
  const opened: RankerScorer[] = []
  const methods: Readonly<Record<string, (ageDays: number) => Scorer | Promise<Scorer>>> = {
    'decayed-frequency': (ageDays) => createDecayedFrequency(dataset, endsAt(ageDays)),
    'neighbor-blend': (ageDays) => createNeighborBlend(dataset, endsAt(ageDays)),
    [RANKER]: async (ageDays) => {
      const finder = await finderAt(question, { settings, signalsOf, day: cutDay - ageDays })
      const scorer = await createRankerScorer(ranker, { engine, finder, name: RANKER })
      opened.push(scorer)
      return scorer
    },
  }
  const results: StalenessResult[] = []
  for (const [method, create] of Object.entries(methods)) {
    onStage(`  ${label}: asking ${method} with old states`)
    const points = await evaluateStaleness(create, cases, {
      dataset,
      denominator,
      ks: [10],
      signal,
    })
    results.push({
      method,
      points: points.map(({ ageDays, evaluation }) => ({
        ageDays,
        metrics: withoutNaN(evaluation.metrics),
      })),
    })
  }
  for (const scorer of opened) scorer.dispose()
  return results
}
