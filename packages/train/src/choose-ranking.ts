import {
  type CustomerModels,
  type Dataset,
  type DurabilityOverride,
  dayOf,
  type Split,
} from '@perennial/core'
import { fitCategoryOutlook } from './customers/fit-category-outlook.ts'
import { fitCustomers } from './customers/fit-customers.ts'
import type { Engine } from './engine/engine.ts'
import { type ChosenBlend, chooseBlend } from './evaluate/choose-blend.ts'
import { completeVectors } from './export/cold-vectors.ts'
import { createModelScorer } from './fit/model-scorer.ts'
import type { FitResult } from './fit/run-training.ts'
import { createSignalsWith, type FittedLifecycle, fitLifecycle } from './ranker/fit-lifecycle.ts'
import { createLinkTables, defaultLinks } from './ranker/link-tables.ts'

/** A sequence model trained on the past of a data set. */
export interface TrainedContext {
  readonly dataset: Dataset
  readonly engine: Engine
  readonly fitted: FitResult
  readonly signal: AbortSignal | undefined
}

/** How the sequence model counts repeats, what ranks in the end, and what was learned of customers. */
export interface ChosenRanking {
  readonly blend: ChosenBlend
  readonly lifecycle: FittedLifecycle & { readonly customers: CustomerModels }
}

/** Weighs the network against repeats, then everything there is against each other, on validation. */
export async function chooseRanking(
  { dataset, engine, fitted, signal }: TrainedContext,
  split: Split,
  {
    horizonDays,
    testCutMs,
    seed,
    durabilityOverrides,
    onStage,
  }: {
    readonly horizonDays: number
    readonly testCutMs: number
    readonly seed: number
    readonly durabilityOverrides?: readonly DurabilityOverride[] | undefined
    readonly onStage?: ((stage: string) => void) | undefined
  },
): Promise<ChosenRanking> {
  const config = fitted.config.encoder
  // As at the test and in serving, where an item never trained on has a derived vector.
  const { itemTable } = completeVectors(fitted.weights.itemTable, {
    dataset,
    trainEnds: [split.trainEnds],
    encoder: config,
    objective: fitted.config.objective,
  })
  const weights = { ...fitted.weights, itemTable }
  const alone = await createModelScorer(weights, { engine, config })
  const blend = await chooseBlend(alone, split.validation, { dataset, signal }).finally(() =>
    alone.dispose(),
  )
  const sequence = await createModelScorer(weights, { engine, config, blend })
  try {
    const testCutDay = dayOf(testCutMs)
    const linksAt = createLinkTables(dataset, defaultLinks(dataset.catalog.numItems), { signal })
    const shared = { engine, testCutDay, seed, signal }
    const lifecycle = await fitLifecycle(dataset, {
      ...shared,
      horizonDays,
      sequence,
      linksAt,
      onStage,
    })
    onStage?.('Learning how customers come back, and what lasts')
    const outlook = await fitCategoryOutlook(dataset, {
      ...shared,
      ...lifecycle,
      createSignals: createSignalsWith(dataset, linksAt),
    })
    const customers = await fitCustomers(dataset, {
      cutDay: testCutDay,
      durabilityOverrides,
      outlook,
      signal,
    })
    return { blend, lifecycle: { ...lifecycle, customers } }
  } finally {
    sequence.dispose()
  }
}
