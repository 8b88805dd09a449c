import { access, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readDataset } from '@perennial/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { measureSubjects, type Subject } from './subject.ts'
import { writeUntrainedArtifact } from './untrained-artifact.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perennial-subject-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const versionOf = async ({ artifact }: Subject): Promise<string> => artifact.manifest.modelVersion

describe('measureSubjects', () => {
  test('measures one artifact a size and removes what it wrote', async () => {
    const folders: string[] = []
    const sizes = await measureSubjects(
      { numItems: [30, 50], numUsers: 10, seed: 1 },
      async ({ artifact, artifactFolder, datasetFolder, events }) => {
        folders.push(artifactFolder)
        const dataset = await readDataset(datasetFolder)
        expect(dataset.sequences.itemRows).toEqual(events.itemRows)
        expect(dataset.catalog.idOf(1)).toBe('sku-00000001')
        return [artifact.catalog.numItems, dataset.catalog.numItems, dataset.sequences.numUsers]
      },
    )
    expect(sizes).toEqual([
      [30, 30, 10],
      [50, 50, 10],
    ])
    for (const path of folders) await expect(access(path)).rejects.toThrow('ENOENT')
  })

  test('draws the same artifact from the same seed only', async () => {
    const options = { numItems: [30], numUsers: 1 }
    const [first] = await measureSubjects({ ...options, seed: 1 }, versionOf)
    expect(await measureSubjects({ ...options, seed: 1 }, versionOf)).toEqual([first])
    expect(await measureSubjects({ ...options, seed: 2 }, versionOf)).not.toEqual([first])
  })

  test('measures a given artifact and leaves it where it is', async () => {
    const given = join(folder, 'given')
    const { modelVersion } = await writeUntrainedArtifact(given, { numItems: 20, seed: 3 })
    const options = { numItems: [30, 50], artifact: given, numUsers: 5, seed: 1 }
    expect(await measureSubjects(options, versionOf)).toEqual([modelVersion])
    await access(given)
  })

  test('stops at an aborted signal', async () => {
    const signal = AbortSignal.abort(new Error('stopped'))
    const options = { numItems: [30], numUsers: 1, seed: 1, signal }
    await expect(measureSubjects(options, versionOf)).rejects.toThrow('stopped')
  })
})
