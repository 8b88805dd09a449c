import { checkChoice } from '@perennial/core'
import { type LoadDatasetOptions, openDatasetFiles } from '../open-dataset-files.ts'
import { tafengFacts } from './facts.ts'

/** Published divisions of the users: `mli` by the paper's first author, `jp` by JunoPrent. */
export const TAFENG_KEYSETS = [
  'mli_0',
  'mli_1',
  'mli_2',
  'jp_0',
  'jp_1',
  'jp_2',
  'jp_3',
  'jp_4',
] as const

/** A division of the users of `tafeng`: 9,977, 1,109 and 2,772 external user ids. */
export interface TafengKeyset {
  readonly train: readonly string[]
  readonly val: readonly string[]
  readonly test: readonly string[]
}

/**
 * Loads a published division of the Ta-Feng users.
 *
 * @throws {@link RecommenderError} `INVALID_OPTION` if `name` is not one of {@link TAFENG_KEYSETS};
 * `DATASET_MISSING` or `DATASET_MISMATCH` as `loadDataset` does.
 */
export async function loadTafengKeyset(
  name: string,
  options: LoadDatasetOptions = {},
): Promise<TafengKeyset> {
  checkChoice('name', name, TAFENG_KEYSETS)
  const { read } = await openDatasetFiles(tafengFacts, options)
  const { train, val, test } = JSON.parse(
    (await read(`keyset_${name}.json`)).toString('utf8'),
  ) as TafengKeyset
  return { train, val, test }
}
