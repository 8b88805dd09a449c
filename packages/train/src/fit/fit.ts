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
  if (dataset.timeKind === 'ordinal' && config.encoder.timeFeatures.length > 0) {
    throw new RecommenderError(
      'INVALID_OPTION',
      `Expected \`encoder.timeFeatures\` to be empty for data without real times, got \`${config.encoder.timeFeatures.join(', ')}\`.`,
    )
  }
  const { trainEnds } = split
  const cases = chooseCases(split.validation, config)
  checkTrainingMemory(
    estimateTrainingMemory(config, {
      numItems,
      numUsers: sequences.numUsers,
      numEvents: sequences.itemRows.length,
      numCases: cases.length,
    }),
  )
  return runTraining(
    {
      config,
      numItems,
      source: createMemorySource(dataset, trainEnds, config),
      fingerprint: fingerprintOf(dataset, split),
      validation: { dataset, trainEnds, cases },
    },
    runtime,
  )
}

function chooseCases(
  cases: readonly RankingCase[],
  { validationUsers, seed }: FitConfig,
): readonly RankingCase[] {
  if (validationUsers === null || validationUsers >= cases.length) return cases
  return shuffle([...cases], createRng(seed, STREAM_VALIDATION)).slice(0, validationUsers)
}
