import { RecommenderError } from '@perennial/core'
import type { DatasetFacts, DatasetFile } from './dataset-facts.ts'
import {
  datasetFolders,
  FOLDER_VARIABLE,
  type FoundFile,
  findDatasetFile,
  findDatasetFolder,
} from './dataset-folder.ts'
import { downloadFile } from './download-file.ts'
import { readDatasetFile } from './read-dataset-file.ts'

/** Options of `loadDataset`. */
export interface LoadDatasetOptions {
  /** Folder that holds one folder a data set. @defaultValue {@link findDatasetFolder} */
  readonly folder?: string | undefined
  /** Fetches missing files whose public address is known. @defaultValue false */
  readonly download?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

/** The files of one data set, ready to be read by name. */
export interface DatasetFiles {
  readonly read: (fileName: string) => Promise<Buffer>
  readonly has: (fileName: string) => Promise<boolean>
  /** Returns where the file lies. @throws {@link RecommenderError} `DATASET_MISSING` if it is not there */
  readonly locate: (fileName: string) => Promise<FoundFile>
}

/** Opens the files of a data set; with `download`, fetches the missing ones first. */
export async function openDatasetFiles(
  facts: DatasetFacts,
  { folder = findDatasetFolder(), download = false, signal }: LoadDatasetOptions,
): Promise<DatasetFiles> {
  const folders = datasetFolders(facts, folder)
  if (download) {
    for (const file of facts.files) {
      if (file.url === undefined || (await findDatasetFile(file, folders)) !== undefined) continue
      await downloadFile(file, { folders, signal })
    }
  }
  const find = (fileName: string): Promise<FoundFile | undefined> =>
    findDatasetFile(fileOf(facts, fileName), folders)
  const locate = async (fileName: string): Promise<FoundFile> => {
    const found = await find(fileName)
    if (found === undefined) throw describeMissing(facts, fileName, folders)
    return found
  }
  return {
    locate,
    read: async (fileName) =>
      readDatasetFile(fileOf(facts, fileName), { ...(await locate(fileName)), signal }),
    has: async (fileName) => (await find(fileName)) !== undefined,
  }
}

function fileOf(facts: DatasetFacts, fileName: string): DatasetFile {
  const file = facts.files.find(({ name }) => name === fileName)
  if (file !== undefined) return file
  throw new Error(`internal: the facts of '${facts.name}' name no file ${fileName}`)
}

function describeMissing(
  facts: DatasetFacts,
  fileName: string,
  folders: readonly string[],
): RecommenderError {
  const wayOut =
    fileOf(facts, fileName).url === undefined
      ? `It cannot be downloaded as it is. ${facts.byHand}`
      : 'Pass `download: true` to fetch it.'
  return new RecommenderError(
    'DATASET_MISSING',
    `Expected ${fileName}.gz or ${fileName} of '${facts.name}' in ${folders.join(' or ')}. ` +
      `Set ${FOLDER_VARIABLE} to the folder that holds ${facts.folder}/. ${wayOut} ` +
      `Publisher: ${facts.source} Licence: ${facts.licence}.`,
  )
}
