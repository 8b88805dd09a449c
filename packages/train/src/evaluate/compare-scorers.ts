import {
  createDecayedFrequency,
  createItemKnn,
  createNeighborBlend,
  createPersonalFrequency,
  createPopularity,
  createTifuKnn,
  type Dataset,
  type Evaluation,
  evaluate,
  type RankingCase,
  type Scorer,
} from '@perennial/core'

/** Options of {@link compareScorers}. */
export interface CompareOptions {
  readonly dataset: Dataset
  /** Shape `[numUsers]`: what baselines may learn from ends here. */
  readonly trainEnds: Int32Array
  /** Whether items of the history are left out; repeats then count for nothing. */
  readonly excludeSeen: boolean
  /** Cut-offs. @defaultValue 10, 20 */
  readonly ks?: readonly number[] | undefined
  readonly signal?: AbortSignal | undefined
  /** Called before each scorer. */
  readonly onScorer?: ((name: string) => void) | undefined
}

/** Returns the baselines that every result table shows, each one past-only. */
export function createBaselines(dataset: Dataset, trainEnds: Int32Array): Scorer[] {
  const popularity = createPopularity(dataset, trainEnds)
  const recent =
    dataset.timeKind === 'timestamp'
      ? [
          rename(
            createPopularity(dataset, trainEnds, { windowDays: 30 }),
            'popularity, last 30 days',
          ),
        ]
      : []
  return [
    rename(popularity, 'popularity, all time'),
    ...recent,
    createPersonalFrequency(dataset, trainEnds),
    createDecayedFrequency(dataset, trainEnds),
    ...(dataset.timeKind === 'timestamp' ? [createNeighborBlend(dataset, trainEnds)] : []),
    createItemKnn(dataset, trainEnds),
    createTifuKnn(dataset, trainEnds),
  ]
}

/** Evaluates the baselines and the given models on the same cases, in that order. */
export async function compareScorers(
  models: readonly Scorer[],
  cases: readonly RankingCase[],
  { onScorer, ...options }: CompareOptions,
): Promise<Evaluation[]> {
  const evaluations: Evaluation[] = []
  for (const scorer of [...createBaselines(options.dataset, options.trainEnds), ...models]) {
    onScorer?.(scorer.name)
    evaluations.push(await evaluate(scorer, cases, options))
  }
  return evaluations
}

function rename(scorer: Scorer, name: string): Scorer {
  return { name, scoreBatch: (histories, scores) => scorer.scoreBatch(histories, scores) }
}
