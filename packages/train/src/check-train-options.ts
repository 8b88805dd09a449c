import {
  buildCategoryTree,
  type Dataset,
  type DurabilityOverride,
  RecommenderError,
  resolveOverrides,
} from '@perennial/core'
import type { FitConfig } from './fit/options.ts'

/**
 * Refuses, before any work, what an artifact has no place for: a second item table, and logits beside the network's; and
 * overrides that mean nothing in this data.
 *
 * @throws {@link RecommenderError} `INVALID_OPTION`; `UNKNOWN_ITEM`; `DATASET_MISMATCH` for overrides of data without real times.
 */
export function checkTrainOptions(
  { encoder, popularityPrior }: FitConfig,
  { catalog, timeKind }: Dataset,
  { durabilityOverrides = [] }: { durabilityOverrides?: readonly DurabilityOverride[] | undefined },
): void {
  if (encoder.outputEmbeddings !== 'tied' || popularityPrior !== 0)
    throw new RecommenderError(
      'INVALID_OPTION',
      `Expected \`encoder.outputEmbeddings\` to be 'tied' and \`popularityPrior\` 0 for an artifact, got '${encoder.outputEmbeddings}' and ${popularityPrior}. \`fit\` takes others.`,
    )
  resolveOverrides(durabilityOverrides, { catalog, tree: buildCategoryTree(catalog) })
  if (durabilityOverrides.length > 0 && timeKind !== 'timestamp')
    throw new RecommenderError(
      'DATASET_MISMATCH',
      'Expected a data set with real times for `durabilityOverrides`, which count days, got one that knows only the order of events.',
    )
}
