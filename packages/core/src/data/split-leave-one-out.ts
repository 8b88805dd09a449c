import { checkInteger } from '../errors.ts'
import type { Dataset } from './dataset.ts'
import type { RankingCase, Split } from './ranking-case.ts'

/** Options of {@link splitLeaveOneOut}. */
export interface SplitLeaveOneOutOptions {
  /** Users with fewer events are trained on and not asked about; 3 or more. @defaultValue 3 */
  readonly minLength?: number | undefined
}

/**
 * Returns a split in which each user's last event is the test target and the one before it the validation target.
 *
 * Training sees all earlier events; the test history includes the validation event. A question is asked
 * at the time of its target, since that is when the customer is there.
 *
 * @throws {@link RecommenderError} `INVALID_OPTION` if `minLength` is below 3.
 * @see Kang and McAuley 2018, {@link https://arxiv.org/abs/1808.09781 | arXiv:1808.09781}, section IV.A.
 */
export function splitLeaveOneOut(
  { sequences }: Dataset,
  { minLength = 3 }: SplitLeaveOneOutOptions = {},
): Split {
  checkInteger('minLength', minLength, 3)
  const trainEnds = sequences.offsets.slice(1)
  const validation: RankingCase[] = []
  const test: RankingCase[] = []
  const caseAt = (userRow: number, position: number): RankingCase => ({
    userRow,
    historyEnd: position,
    asOfMs: sequences.timestampMs[position] as number,
    targets: sequences.itemRows.slice(position, position + 1),
  })
  for (let u = 0; u < sequences.numUsers; u++) {
    const end = sequences.offsets[u + 1] as number
    if (end - (sequences.offsets[u] as number) < minLength) continue
    trainEnds[u] = end - 2
    validation.push(caseAt(u, end - 2))
    test.push(caseAt(u, end - 1))
  }
  return { trainEnds, validation, test }
}
