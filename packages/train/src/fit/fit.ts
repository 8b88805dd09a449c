import {
  createRng,
  type Dataset,
  type RankingCase,
  RecommenderError,
  type Split,
  shuffle,
} from '@perennial/core'
import { checkTrainingMemory, estimateTrainingMemory } from './estimate-memory.ts'
import { createFitConfig, type FitConfig, type FitOptions } from './options.ts'
import { createPopularityPrior, trainingWeeks } from './popularity-prior.ts'
import { fingerprintOf } from './resume.ts'
import { type FitResult, type FitRuntime, runTraining } from './run-training.ts'
import { createMemorySource } from './training-source.ts'

const STREAM_VALIDATION = 21

/**
 * Trains the network on `split.trainEnds` and keeps the weights with the best NDCG@10 on `split.validation`.
 *
 * A run that finds its checkpoint goes on from it and ends with the same weights as one never stopped:
 * order, negatives and dropout are functions of the seed and the step.
 *
 * @throws {@link RecommenderError} `TRAINING_DIVERGED` if the loss is not finite, naming step and learning
 * rate; `BAD_CHECKPOINT` if the checkpoint belongs to other data or options; `INVALID_OPTION`; `OUT_OF_MEMORY` with
 * the figures if the run would need more than the machine has; `INVALID_EVENTS` if no user has two training events.
 * Rejects with the signal's reason when aborted, after saving a checkpoint.
 */
export async function fit(
  dataset: Dataset,
  split: Pick<Split, 'trainEnds' | 'validation'>,
  { runtime, ...options }: FitOptions & { readonly runtime: FitRuntime },
): Promise<FitResult> {
  const { sequences, catalog } = dataset
  const { numItems } = catalog
  const config = createFitConfig(options, numItems)
  if (dataset.timeKind === 'ordinal') checkTimeless(config)
  const { trainEnds } = split
  const cases = chooseCases(split.validation, config)
  checkTrainingMemory(
    estimateTrainingMemory(config, {
      numItems,
      numUsers: sequences.numUsers,
      numEvents: sequences.itemRows.length,
      numCases: cases.length,
      numWeeks: trainingWeeks(dataset, trainEnds).numWeeks,
    }),
  )
  const { popularityPrior: weight } = config
  const prior = weight > 0 ? createPopularityPrior(dataset, trainEnds, weight) : null
  return runTraining(
    {
      config,
      numItems,
      source: createMemorySource(dataset, trainEnds, config, prior),
      fingerprint: fingerprintOf(dataset, split),
      priorLogits: prior?.final ?? null,
      validation: { dataset, trainEnds, cases },
    },
    runtime,
  )
}

/** Refuses what needs to know when events were. */
function checkTimeless({ encoder, objective, popularityPrior }: FitConfig): void {
  const refuse = (option: string, expected: string, got: unknown): RecommenderError =>
    new RecommenderError(
      'INVALID_OPTION',
      `Expected \`${option}\` to be ${expected} for data without real times, got \`${got}\`.`,
    )
  if (encoder.timeFeatures.length > 0)
    throw refuse('encoder.timeFeatures', 'empty', encoder.timeFeatures.join(', '))
  if (objective !== 'next') throw refuse('objective', "'next'", objective)
  if (popularityPrior > 0) throw refuse('popularityPrior', '0', popularityPrior)
}

function chooseCases(
  cases: readonly RankingCase[],
  { validationUsers, seed }: FitConfig,
): readonly RankingCase[] {
  if (validationUsers === null || validationUsers >= cases.length) return cases
  return shuffle([...cases], createRng(seed, STREAM_VALIDATION)).slice(0, validationUsers)
}
