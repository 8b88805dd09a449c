import {
  createDecayedFrequency,
  createPopularity,
  createTifuKnn,
  DAY_MS,
  type Dataset,
  endsBefore,
  type RankingCase,
  type Scorer,
} from '@perennial/core'
import { loadTafengKeyset } from '@perennial/datasets'
import type { Question } from './question.ts'
import type { LifecycleSettings } from './settings.ts'

/**
 * Settings of Ta-Feng, whose days are baskets: half-lives count baskets.
 *
 * Set on other data, not chosen here.
 */
export const TAFENG_SETTINGS: LifecycleSettings = {
  numTrainingCuts: 1,
  keepShare: 0.3,
  sizes: { newly_popular: 120, popular: 60, user_knn: 120, co_basket: 60, ease_recent: 120 },
  links: { coBasket: { halfLifeDays: 180, maxLinks: 200 }, ease: { halfLifeDays: null } },
  sequence: null,
  population: { similarityHalfLifeDays: 4, recentHalfLivesDays: [3, 2], neighbors: 300 },
  ranker: { hidden: [64, 32], dropout: 0.1, epochs: 8, batchLists: 64 },
}

/** Day of everybody's last basket. */
const LAST_DAY = 1000

/**
 * Returns the questions of keysets: what is in the last basket of users, trained on the last baskets of others.
 *
 * Test asks the test users and trains on train and validation users; validation asks the validation users and trains on
 * the train users. What all users bought before is known.
 */
export async function tafengQuestions(
  dataset: Dataset,
  {
    keysets,
    split,
  }: { readonly keysets: readonly string[]; readonly split: 'validation' | 'test' },
): Promise<Question[]> {
  const aligned = alignLastBaskets(dataset)
  const rowOf = new Map(dataset.userIds.map((userId, userRow) => [userId, userRow]))
  const rowsOf = (userIds: readonly string[]): Set<number> =>
    new Set(userIds.map((userId) => rowOf.get(String(userId)) as number))
  const ends = endsBefore(aligned.sequences, LAST_DAY * DAY_MS)
  const questions: Question[] = []
  for (const label of keysets) {
    const { train, val, test } = await loadTafengKeyset(label)
    const asked = rowsOf(split === 'test' ? test : val)
    const trained = rowsOf(split === 'test' ? [...train, ...val] : train)
    // The published TIFU-KNN has its neighbours among train users alone.
    const neighborEnds = endsOf(aligned, ends, rowsOf(train))
    questions.push({
      label,
      group: 'keysets',
      dataset: aligned,
      cutDay: LAST_DAY,
      horizonDays: 1,
      cases: [...asked].sort((a, b) => a - b).map((userRow) => lastBasket(aligned, ends, userRow)),
      ends,
      trainingCutDays: [LAST_DAY],
      includes: (userRow) => trained.has(userRow),
      denominator: 'targets',
      baselines: [
        () => createPopularity(aligned, ends),
        // So long a half-life that a purchase is a purchase: ties go to the more popular item.
        () =>
          rename(
            'gp-topfreq',
            createDecayedFrequency(aligned, ends, { halfLifeDays: Number.MAX_VALUE }),
          ),
        () => createTifuKnn(aligned, neighborEnds),
      ],
      staleness: false,
    })
  }
  return questions
}

/** Moves each user's baskets so that the last ones of all lie on one day. */
export function alignLastBaskets(dataset: Dataset): Dataset {
  const { sequences } = dataset
  const timestampMs = sequences.timestampMs.slice()
  for (let u = 0; u < sequences.numUsers; u++) {
    const [start, end] = [sequences.offsets[u] as number, sequences.offsets[u + 1] as number]
    const shift = LAST_DAY * DAY_MS - (timestampMs[end - 1] as number)
    for (let e = start; e < end; e++) timestampMs[e] = (timestampMs[e] as number) + shift
  }
  return { ...dataset, sequences: { ...sequences, timestampMs } }
}

function lastBasket({ sequences }: Dataset, ends: Int32Array, userRow: number): RankingCase {
  const historyEnd = ends[userRow] as number
  const basket = sequences.itemRows.subarray(historyEnd, sequences.offsets[userRow + 1])
  return {
    userRow,
    historyEnd,
    asOfMs: LAST_DAY * DAY_MS,
    targets: Int32Array.from(new Set(basket)),
  }
}

/** Returns ends that leave nothing of users who are not among `known`. */
function endsOf({ sequences }: Dataset, ends: Int32Array, known: ReadonlySet<number>): Int32Array {
  return ends.map((end, u) => (known.has(u) ? end : (sequences.offsets[u] as number)))
}

function rename(name: string, scorer: Scorer): Scorer {
  return { name, scoreBatch: (histories, scores) => scorer.scoreBatch(histories, scores) }
}
