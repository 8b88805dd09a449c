import { readFile } from 'node:fs/promises'
import {
  buildCategoryTree,
  type Dataset,
  type DurabilityOverride,
  RecommenderError,
  resolveOverrides,
} from '@perennial/core'

/**
 * Reads what the merchant says of what lasts: a JSON list of overrides.
 *
 * @throws {@link RecommenderError} `INVALID_INPUT` if the file is no JSON list of objects; `INVALID_OPTION` or `UNKNOWN_ITEM` if an
 * override is wrong. The message names the file, and the override by its position, from 0.
 */
export async function readOverrides(
  path: string,
  { catalog }: Pick<Dataset, 'catalog'>,
): Promise<readonly DurabilityOverride[]> {
  let content: unknown
  try {
    content = JSON.parse(await readFile(path, 'utf8'))
  } catch (cause) {
    throw new RecommenderError(
      'INVALID_INPUT',
      `Expected ${path} to be a JSON list of overrides.`,
      {
        cause,
      },
    )
  }
  if (!Array.isArray(content))
    throw new RecommenderError(
      'INVALID_INPUT',
      `Expected ${path} to be a JSON list of overrides, got ${JSON.stringify(content).slice(0, 100)}.`,
    )
  content.forEach((entry: unknown, i) => {
    if (typeof entry === 'object' && entry !== null && !Array.isArray(entry)) return
    throw new RecommenderError(
      'INVALID_INPUT',
      `In ${path}: Expected \`overrides[${i}]\` to be an object, got ${JSON.stringify(entry)}.`,
    )
  })
  const overrides = content as readonly DurabilityOverride[]
  try {
    resolveOverrides(overrides, { catalog, tree: buildCategoryTree(catalog) })
  } catch (error) {
    if (!(error instanceof RecommenderError)) throw error
    throw new RecommenderError(error.code, `In ${path}: ${error.message}`)
  }
  return overrides
}
