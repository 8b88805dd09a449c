import type { Dataset } from '../data/dataset.ts'
import type { RankingCase } from '../data/ranking-case.ts'
import { type History, historyOf } from '../data/sequences.ts'
import { checkInteger, RecommenderError } from '../errors.ts'
import type { Scorer } from '../scorer.ts'

/** Options of any evaluation: what is asked about, and how the asking goes. */
export interface ScoringOptions {
  readonly dataset: Dataset
  /** Histories scored at a time. @defaultValue 256, fewer when their scores would pass 256 MB */
  readonly batchSize?: number | undefined
  /** Stops between two batches. */
  readonly signal?: AbortSignal | undefined
  /** Called after each batch. */
  readonly onProgress?: ((progress: { numDone: number; numCases: number }) => void) | undefined
}

/** Throws `INVALID_INPUT` without a case or a cut-off, `INVALID_OPTION` for a cut-off that is no integer of 1 or more. */
export function checkQuestions(cases: readonly RankingCase[], ks: readonly number[]): void {
  for (const k of ks) checkInteger('ks', k, 1)
  if (ks.length > 0 && cases.length > 0) return
  throw new RecommenderError(
    'INVALID_INPUT',
    `Expected at least one case and one of \`ks\`, got ${cases.length} cases and ${ks.length} cut-offs.`,
  )
}

/** Scores of one case: shape `[numItems + 1]`, padding `-Infinity`; free to be overwritten until the call returns. */
export interface ScoredCase {
  readonly scores: Float32Array
  readonly history: History
  /** Position among the cases. */
  readonly position: number
}

/**
 * Scores the whole catalogue for each case, in batches, and hands out one case after the other.
 *
 * @throws {@link RecommenderError} `INVALID_INPUT` if the scorer leaves a score unwritten or writes NaN;
 * `INVALID_OPTION` naming the option. Rejects with the reason of `signal` when that is aborted.
 */
export async function scoreCases(
  scorer: Scorer,
  cases: readonly RankingCase[],
  options: ScoringOptions & { readonly onCase: (scored: ScoredCase) => void },
): Promise<void> {
  const { dataset, batchSize, signal, onProgress, onCase } = options
  const width = dataset.catalog.numItems + 1
  const size = batchSize ?? Math.max(1, Math.min(256, Math.floor(MAX_SCORES / width)))
  checkInteger('batchSize', size, 1)
  const buffer = new Float32Array(Math.min(size, cases.length) * width)
  for (let start = 0; start < cases.length; start += size) {
    // A scorer without awaits would otherwise keep timers, and so the signal, from ever running.
    await new Promise((resolve) => setImmediate(resolve))
    signal?.throwIfAborted()
    const histories = cases
      .slice(start, start + size)
      .map((c) => historyOf(dataset.sequences, c.userRow, c.historyEnd, c.asOfMs))
    const scores = buffer.subarray(0, histories.length * width)
    scores.fill(Number.NaN)
    await scorer.scoreBatch(histories, scores)
    histories.forEach((history, b) => {
      const row = scores.subarray(b * width, (b + 1) * width)
      checkScores(row, scorer.name, start + b)
      row[0] = -Infinity
      onCase({ scores: row, history, position: start + b })
    })
    onProgress?.({ numDone: start + histories.length, numCases: cases.length })
  }
}

const MAX_SCORES = (256 << 20) / 4

function checkScores(row: Float32Array, scorer: string, position: number): void {
  for (let itemRow = 1; itemRow < row.length; itemRow++) {
    if (!Number.isNaN(row[itemRow])) continue
    throw new RecommenderError(
      'INVALID_INPUT',
      `Expected scorer '${scorer}' to write a number for every item, got NaN or nothing for item row ${itemRow} of case ${position}.`,
    )
  }
}
