import { existsSync } from 'node:fs'
import { access } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { RecommenderError } from '@perennial/core'
import type { DatasetFacts, DatasetFile } from './dataset-facts.ts'

/** Environment variable that names the folder of all data sets. */
export const FOLDER_VARIABLE = 'PERENNIAL_DATA'

/**
 * Returns the folder that holds one folder a data set: `PERENNIAL_DATA`, else `../shared/datasets` beside
 * the workspace. It need not exist.
 *
 * @throws {@link RecommenderError} `DATASET_MISSING` if the variable is not set outside a workspace.
 */
export function findDatasetFolder(): string {
  const named = process.env[FOLDER_VARIABLE]
  if (named !== undefined && named !== '') return resolve(named)
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, 'pnpm-workspace.yaml'))) {
      return resolve(folder, '../shared/datasets')
    }
  }
  throw new RecommenderError(
    'DATASET_MISSING',
    `Expected ${FOLDER_VARIABLE} to name the folder of the data sets; it is not set and ${import.meta.dirname} is in no workspace.`,
  )
}

/** Returns the folder that downloads go to when the data set's own folder cannot be written. */
function findCacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'perennial', 'datasets')
}

/** Where a file of a data set lies, and whether it is gzipped. */
export interface FoundFile {
  readonly path: string
  readonly gzipped: boolean
}

/** Returns the first place where the file lies: gzipped or plain, in the first folder that has it. */
export async function findDatasetFile(
  { name }: DatasetFile,
  folders: readonly string[],
): Promise<FoundFile | undefined> {
  for (const folder of folders) {
    for (const gzipped of [true, false]) {
      const path = join(folder, gzipped ? `${name}.gz` : name)
      if (await isReadable(path)) return { path, gzipped }
    }
  }
  return undefined
}

/** Returns the places where a data set's files may lie, the one to prefer first. */
export function datasetFolders({ folder }: DatasetFacts, root: string): string[] {
  return [join(root, folder), join(findCacheFolder(), folder)]
}

async function isReadable(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
