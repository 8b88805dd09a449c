import { type Dataset, dayOf, type Split } from '@perennial/core'
import type { Engine } from './engine/engine.ts'
import { type ChosenBlend, chooseBlend } from './evaluate/choose-blend.ts'
import { completeVectors } from './export/cold-vectors.ts'
import { createModelScorer } from './fit/model-scorer.ts'
import type { FitResult } from './fit/run-training.ts'
import { type FittedLifecycle, fitLifecycle } from './ranker/fit-lifecycle.ts'

/** A sequence model trained on the past of a data set. */
export interface TrainedContext {
  readonly dataset: Dataset
  readonly engine: Engine
  readonly fitted: FitResult
  readonly signal: AbortSignal | undefined
}

/** How the sequence model counts repeats, and what ranks in the end. */
export interface ChosenRanking {
  readonly blend: ChosenBlend
  readonly lifecycle: FittedLifecycle
}

/** Weighs the network against repeats, then everything there is against each other, on validation. */
export async function chooseRanking(
  { dataset, engine, fitted, signal }: TrainedContext,
  split: Split,
  {
    horizonDays,
    testCutMs,
    seed,
    onStage,
  }: {
    readonly horizonDays: number
    readonly testCutMs: number
    readonly seed: number
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
    const lifecycle = await fitLifecycle(dataset, {
      engine,
      testCutDay: dayOf(testCutMs),
      horizonDays,
      sequence,
      seed,
      signal,
      onStage,
    })
    return { blend, lifecycle }
  } finally {
    sequence.dispose()
  }
}
