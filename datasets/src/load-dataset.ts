import { checkChoice, type Dataset, RecommenderError } from '@perennial/core'
import { amazonBeauty } from './amazon-beauty/load.ts'
import { cdnow } from './cdnow/load.ts'
import type { DatasetFacts, DatasetSource } from './dataset-facts.ts'
import { datasetFolders, findDatasetFile, findDatasetFolder } from './dataset-folder.ts'
import { dunnhumby } from './dunnhumby/load.ts'
import { movielens1m } from './movielens-1m/load.ts'
import { movielens100k } from './movielens-100k/load.ts'
import { onlineRetail } from './online-retail-ii/load.ts'
import { type LoadDatasetOptions, openDatasetFiles } from './open-dataset-files.ts'
import { tafeng } from './tafeng/load.ts'

/** Names that {@link loadDataset} takes. */
export const DATASET_NAMES = [
  'online-retail-ii',
  'movielens-1m',
  'movielens-100k',
  'amazon-beauty',
  'tafeng',
  'cdnow',
  'dunnhumby',
] as const

/** One of {@link DATASET_NAMES}. */
export type DatasetName = (typeof DATASET_NAMES)[number]

const SOURCES: Readonly<Record<DatasetName, DatasetSource>> = {
  'online-retail-ii': onlineRetail,
  'movielens-1m': movielens1m,
  'movielens-100k': movielens100k,
  'amazon-beauty': amazonBeauty,
  tafeng,
  cdnow,
  dunnhumby,
}

/**
 * Loads a public data set and checks it: the sha256 of every file read, and the counts of the result.
 *
 * @throws {@link RecommenderError} `INVALID_OPTION` if there is no data set of that name;
 * `DATASET_MISSING` if a file is not there or cannot be fetched; `DATASET_MISMATCH` if a file or a count differs.
 */
export async function loadDataset(
  name: string,
  options: LoadDatasetOptions = {},
): Promise<Dataset> {
  checkChoice('name', name, DATASET_NAMES)
  const { facts, load } = SOURCES[name]
  const files = await openDatasetFiles(facts, options)
  const dataset = await load(files.read, files.has)
  checkCounts(facts, dataset)
  return dataset
}

/** Returns what is known of a data set: publisher, licence, files and exact counts. */
export function describeDataset(name: string): DatasetFacts {
  checkChoice('name', name, DATASET_NAMES)
  return SOURCES[name].facts
}

/** Returns whether all files that the loader needs are there; their content is not checked. */
export async function hasDataset(
  name: string,
  { folder = findDatasetFolder() }: Pick<LoadDatasetOptions, 'folder'> = {},
): Promise<boolean> {
  const facts = describeDataset(name)
  const folders = datasetFolders(facts, folder)
  const required = facts.files.filter(({ optional }) => optional !== true)
  const found = await Promise.all(required.map((file) => findDatasetFile(file, folders)))
  return !found.includes(undefined)
}

function checkCounts(facts: DatasetFacts, { userIds, catalog, sequences }: Dataset): void {
  const got = {
    users: userIds.length,
    items: catalog.numItems,
    events: sequences.itemRows.length,
  }
  for (const key of ['users', 'items', 'events'] as const) {
    if (got[key] === facts.counts[key]) continue
    throw new RecommenderError(
      'DATASET_MISMATCH',
      `Expected '${facts.name}' to have ${facts.counts[key]} ${key}, got ${got[key]}.`,
    )
  }
}
