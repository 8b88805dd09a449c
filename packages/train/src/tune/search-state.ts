import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { RecommenderError, replaceFile } from '@perennial/core'
import type { FitOptions } from '../fit/options.ts'
import type { Rung } from './halving.ts'
import type { SearchSpace } from './search-space.ts'
import type { Trial } from './trial.ts'

/** What a search came to, as it stands in its file. */
export interface TuneResult {
  readonly seed: number
  readonly space: SearchSpace
  readonly numTrials: number
  readonly eta: number
  readonly minEpochs: number
  /** Whether validation left out items of the history. */
  readonly excludeSeen: boolean
  /** Identifies data and split. */
  readonly dataFingerprint: string
  readonly rungs: readonly Rung[]
  readonly trials: readonly Trial[]
  /** Options of the trial that came furthest, with the best NDCG@10 there; `null` until the search is done. */
  readonly best: FitOptions | null
}

/**
 * Reads a search that goes on.
 *
 * @returns `undefined` when there is no such file.
 * @throws {@link RecommenderError} `BAD_CHECKPOINT` if the file holds no search, or one with other settings.
 */
export async function readSearch(
  path: string,
  settings: Omit<TuneResult, 'trials' | 'best'>,
): Promise<TuneResult | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return undefined
  const bad = (what: string, cause?: unknown): RecommenderError =>
    new RecommenderError(
      'BAD_CHECKPOINT',
      `Expected ${path} to hold this search, but it ${what}. Delete it or name another file.`,
      { cause },
    )
  let found: Partial<TuneResult> | null
  try {
    found = JSON.parse(text) as Partial<TuneResult> | null
  } catch (cause) {
    throw bad('is no JSON', cause)
  }
  if (!Array.isArray(found?.trials)) throw bad('lists no trials')
  for (const [key, value] of Object.entries(settings)) {
    if (JSON.stringify(found[key as keyof TuneResult]) === JSON.stringify(value)) continue
    throw bad(`was made with another \`${key}\``)
  }
  return found as TuneResult
}

/** Writes a search so that a reader sees the old file or the new one. */
export async function writeSearch(path: string, result: TuneResult): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await replaceFile(path, (temporary) =>
    writeFile(temporary, `${JSON.stringify(result, null, 2)}\n`),
  )
}
