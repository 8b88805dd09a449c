import { readFile } from 'node:fs/promises'
import { RecommenderError } from '@perennial/core'
import { knownOptions } from '../tune/search-space.ts'
import type { FitOptions } from './options.ts'

/**
 * Reads options of `fit` from JSON: the options themselves, or a search's result, of which it takes the best.
 *
 * @throws {@link RecommenderError} `INVALID_INPUT` if the file is no JSON, or a search that is not done;
 * `INVALID_OPTION` naming file and key if there is no such option.
 */
export async function readSettings(path: string): Promise<FitOptions> {
  let content: Record<string, unknown>
  try {
    content = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>
  } catch (cause) {
    throw new RecommenderError('INVALID_INPUT', `Expected ${path} to be options as JSON.`, {
      cause,
    })
  }
  const isSearch = 'trials' in content && 'best' in content
  if (isSearch && content.best === null) {
    throw new RecommenderError(
      'INVALID_INPUT',
      `Expected ${path} to hold a search that is done, but it has no best trial. Run \`perennial-train tune\` to its end.`,
    )
  }
  const options = (isSearch ? content.best : content) as Record<string, unknown>
  const { fit, encoder } = knownOptions()
  checkKeys(path, options, { known: fit })
  const inner = (options.encoder ?? {}) as Record<string, unknown>
  checkKeys(path, inner, { known: encoder, prefix: 'encoder.' })
  return options
}

function checkKeys(
  path: string,
  options: Record<string, unknown>,
  { known, prefix = '' }: { known: readonly string[]; prefix?: string },
): void {
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue
    throw new RecommenderError(
      'INVALID_OPTION',
      `Expected ${path} to name options of \`fit\` (${known.join(', ')}), got \`${prefix}${key}\`.`,
    )
  }
}
