import { readFile } from 'node:fs/promises'
import { RecommenderError } from '@perennial/core'
import { checkOptions } from './check-options.ts'
import { type FitOptions, OPTION_NAMES } from './options.ts'

/** What a file for `fit --config` may say: the test leaves seen items in, so validation has to. */
const KNOWN = [...OPTION_NAMES.fit.filter((name) => name !== 'excludeSeen'), 'encoder']

/**
 * Reads options of `fit` from JSON: the options themselves, or a search's result, of which it takes the best.
 *
 * @throws {@link RecommenderError} `INVALID_INPUT` if the file is no JSON object, or a search that is not done;
 * `INVALID_OPTION` naming file and key if there is no such option, or not with such a value.
 */
export async function readSettings(path: string): Promise<Omit<FitOptions, 'excludeSeen'>> {
  let content: unknown
  try {
    content = JSON.parse(await readFile(path, 'utf8'))
  } catch (cause) {
    throw new RecommenderError('INVALID_INPUT', `Expected ${path} to be options as JSON.`, {
      cause,
    })
  }
  checkObject(content, path)
  const isSearch = 'trials' in content && 'best' in content
  if (isSearch && content.best === null) {
    throw new RecommenderError(
      'INVALID_INPUT',
      `Expected ${path} to hold a search that is done, but it has no best trial. Run \`perennial-train tune\` to its end.`,
    )
  }
  const options = isSearch ? content.best : content
  checkObject(options, path)
  checkKeys(path, options, { known: KNOWN })
  const { encoder = {} } = options
  checkObject(encoder, `\`encoder\` of ${path}`)
  checkKeys(path, encoder, { known: OPTION_NAMES.encoder, prefix: 'encoder.' })
  checkOptions(options, { where: path })
  return options
}

function checkObject(value: unknown, where: string): asserts value is Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return
  throw new RecommenderError(
    'INVALID_INPUT',
    `Expected ${where} to be a JSON object of options, got ${JSON.stringify(value)}.`,
  )
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
      `Expected ${path} to name options of \`fit\` (${known.map((name) => prefix + name).join(', ')}), got \`${prefix}${key}\`.`,
    )
  }
}
