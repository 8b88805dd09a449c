import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Artifact,
  DATASET_FILES,
  type EventTable,
  readArtifact,
  writeEventsFile,
  writeItemsFile,
} from '@perennial/core'
import { generateLog } from './generate-log.ts'
import { writeUntrainedArtifact } from './untrained-artifact.ts'

/** What a benchmark measures: an artifact, and a data set of generated purchases of its items. */
export interface Subject {
  readonly artifactFolder: string
  readonly datasetFolder: string
  readonly artifact: Artifact
  readonly events: EventTable
}

/** Options of {@link measureSubjects}. */
export interface SubjectOptions {
  /** Catalogue sizes, one untrained artifact each; not used when `artifact` is given. */
  readonly numItems: readonly number[]
  /** Folder of a real artifact to measure instead. @defaultValue none */
  readonly artifact?: string | undefined
  readonly numUsers: number
  readonly seed: number
  readonly signal?: AbortSignal | undefined
  /** Told what begins. */
  readonly onStage?: ((text: string) => void) | undefined
}

/**
 * Builds each subject in a temporary folder, measures it, and removes the folder.
 *
 * @returns What `measure` returned, one entry a subject.
 */
export async function measureSubjects<T>(
  options: SubjectOptions,
  measure: (subject: Subject) => Promise<T>,
): Promise<T[]> {
  const { numItems, artifact, signal, onStage } = options
  const results: T[] = []
  for (const size of artifact === undefined ? numItems : [undefined]) {
    signal?.throwIfAborted()
    onStage?.(size === undefined ? `Reading ${artifact}` : `Making an artifact of ${size} items`)
    const folder = await mkdtemp(join(tmpdir(), 'perennial-benchmark-'))
    try {
      results.push(await measure(await buildSubject(folder, size, options)))
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
  return results
}

async function buildSubject(
  folder: string,
  size: number | undefined,
  { artifact: given, numUsers, seed }: SubjectOptions,
): Promise<Subject> {
  const artifactFolder = given ?? join(folder, 'artifact')
  if (size !== undefined) await writeUntrainedArtifact(artifactFolder, { numItems: size, seed })
  const artifact = await readArtifact(artifactFolder)
  const { catalog } = artifact
  const events = generateLog(
    Array.from({ length: catalog.numItems }, (_, i) => catalog.idOf(i + 1)),
    { numUsers, seed },
  )
  const datasetFolder = join(folder, 'dataset')
  await mkdir(datasetFolder)
  await writeEventsFile(join(datasetFolder, DATASET_FILES.events), events)
  await writeItemsFile(join(datasetFolder, DATASET_FILES.items), catalog)
  return { artifactFolder, datasetFolder, artifact, events }
}
