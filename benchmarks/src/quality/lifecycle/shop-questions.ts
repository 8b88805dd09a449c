import {
  casesAt,
  createDecayedFrequency,
  createItemKnn,
  createNeighborBlend,
  createPersonalFrequency,
  createPopularity,
  createTifuKnn,
  DAY_MS,
  type Dataset,
  dayOf,
  endsBefore,
  RecommenderError,
} from '@perennial/core'
import { createBgNbdOrder } from './bg-nbd-order.ts'
import {
  dateOf,
  dayAt,
  horizonsBefore,
  monthStartsBefore,
  type TrainingCutOptions,
} from './cut-days.ts'
import type { Question } from './question.ts'

interface Cut {
  readonly date: string
  readonly horizonDays: number
  readonly numTrainingCuts: number
  readonly staleness?: boolean
}

const VALIDATION_CUTS: readonly Cut[] = [
  { date: '2011-05-01', horizonDays: 28, numTrainingCuts: 6 },
  { date: '2011-06-01', horizonDays: 28, numTrainingCuts: 6 },
  { date: '2011-07-01', horizonDays: 28, numTrainingCuts: 6, staleness: true },
]
const TEST_CUTS: readonly Cut[] = [
  { date: '2011-08-01', horizonDays: 28, numTrainingCuts: 6 },
  { date: '2011-09-01', horizonDays: 28, numTrainingCuts: 6, staleness: true },
  { date: '2011-10-01', horizonDays: 28, numTrainingCuts: 6 },
  { date: '2011-11-01', horizonDays: 28, numTrainingCuts: 6 },
  { date: '2011-09-01', horizonDays: 90, numTrainingCuts: 4 },
]

/** Returns the questions about Online Retail II, trained on the starts of earlier months. */
export function onlineRetailQuestions(dataset: Dataset, split: 'validation' | 'test'): Question[] {
  return (split === 'validation' ? VALIDATION_CUTS : TEST_CUTS).map((cut) =>
    shopQuestion(dataset, { ...cut, cutDay: dayAt(cut.date), trainingCuts: monthStartsBefore }),
  )
}

/** Options of {@link lastHorizonQuestions}. */
export interface LastHorizonOptions {
  readonly horizonDays: number
  readonly split: 'validation' | 'test'
}

/**
 * Returns one question about any data set: its last horizon as test, the one before as validation.
 *
 * @throws {@link RecommenderError} `INVALID_OPTION` if nobody bought before the cut and after it, or no earlier cut is
 * left to train on.
 */
export function lastHorizonQuestions(
  dataset: Dataset,
  { horizonDays, split }: LastHorizonOptions,
): Question[] {
  const lastDay = dayOf(dataset.sequences.timestampMs.reduce((a, b) => Math.max(a, b), -Infinity))
  const cutDay = lastDay + 1 - horizonDays * (split === 'test' ? 1 : 2)
  const options = { numTrainingCuts: 6, staleness: true, trainingCuts: horizonsBefore }
  const question = shopQuestion(dataset, { ...options, cutDay, horizonDays })
  if (question.cases.length > 0 && question.trainingCutDays.length > 0) return [question]
  throw new RecommenderError(
    'INVALID_OPTION',
    `Expected customers who bought before and after ${dateOf(cutDay)}, and a horizon of ${horizonDays} days before it to train on, got ${question.cases.length} customers and ${question.trainingCutDays.length} training cuts; ask for a shorter horizon.`,
  )
}

function shopQuestion(
  dataset: Dataset,
  {
    cutDay,
    horizonDays,
    numTrainingCuts,
    staleness = false,
    trainingCuts,
  }: Omit<Cut, 'date'> & {
    readonly cutDay: number
    readonly trainingCuts: (options: TrainingCutOptions) => number[]
  },
): Question {
  const { sequences } = dataset
  const ends = endsBefore(sequences, cutDay * DAY_MS)
  const firstDay = dayOf(sequences.timestampMs.reduce((a, b) => Math.min(a, b), Infinity))
  return {
    label: dateOf(cutDay),
    group: `${horizonDays} days`,
    dataset,
    cutDay,
    horizonDays,
    cases: casesAt(sequences, cutDay * DAY_MS, horizonDays * DAY_MS),
    ends,
    trainingCutDays: trainingCuts({ cutDay, horizonDays, firstDay, count: numTrainingCuts }),
    denominator: 'reachable',
    baselines: [
      () => createPopularity(dataset, ends, { halfLifeDays: 30 }),
      () => createPersonalFrequency(dataset, ends),
      () => createDecayedFrequency(dataset, ends),
      () => createItemKnn(dataset, ends),
      () => createTifuKnn(dataset, ends),
      () => createBgNbdOrder(dataset, ends, { cutDay, horizonDays }),
      () => createNeighborBlend(dataset, ends),
    ],
    staleness,
  }
}
