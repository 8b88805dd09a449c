import { type LoadDatasetOptions, openDatasetFiles } from '../open-dataset-files.ts'
import { onlineRetailFacts } from './facts.ts'

/** The raw files of Online Retail II and what a merchant would tell `perennial-train ingest` of them. */
export interface OnlineRetailFiles {
  /** Paths of the two gzipped CSV files, the older year first. */
  readonly inputs: readonly string[]
  /** Options of `ingest`, or content of its `--config` file. */
  readonly settings: {
    readonly timeZone: string
    readonly currency: string
    readonly cancelPrefix: string
    readonly itemPattern: string
    readonly normalizeItemIds: 'upper'
    readonly dropFree: boolean
  }
}

/**
 * Finds the raw files for `perennial-train ingest`, which reads the columns from the header.
 *
 * Ingest drops identical rows, among them the nine days that both files hold; `loadDataset` drops
 * those nine days of the first file only, so it keeps more rows.
 *
 * @throws {@link RecommenderError} `DATASET_MISSING` if a file is not there.
 */
export async function onlineRetailFiles(
  options: Pick<LoadDatasetOptions, 'folder'> = {},
): Promise<OnlineRetailFiles> {
  const { locate } = await openDatasetFiles(onlineRetailFacts, options)
  const found = await Promise.all(onlineRetailFacts.files.map(({ name }) => locate(name)))
  return {
    inputs: found.map(({ path }) => path),
    settings: {
      timeZone: 'Europe/London',
      currency: 'GBP',
      cancelPrefix: 'C',
      itemPattern: '^[0-9]{5}',
      normalizeItemIds: 'upper',
      dropFree: true,
    },
  }
}
