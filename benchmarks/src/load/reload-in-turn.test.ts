import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ARTIFACT_FILES, readArtifact } from '@perennial/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeUntrainedArtifact } from '../untrained-artifact.ts'
import type { HttpAnswer } from './open-http-pool.ts'
import { createSwappedArtifact, reloadInTurn } from './reload-in-turn.ts'

let folder = ''
let artifactFolder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perennial-reload-'))
  artifactFolder = join(folder, 'artifact')
  await writeUntrainedArtifact(artifactFolder, { numItems: 20, seed: 1 })
})

afterAll(() => rm(folder, { recursive: true, force: true }))

/** Reads the artifact that is in place, as a server does on a reload. */
async function reload(served: string): Promise<HttpAnswer> {
  try {
    const { manifest } = await readArtifact(served)
    return { status: 200, body: JSON.stringify({ modelVersion: manifest.modelVersion }) }
  } catch (error) {
    const { code, message } = error as { code: string; message: string }
    return { status: 422, body: JSON.stringify({ code, message }) }
  }
}

describe('createSwappedArtifact', () => {
  test('turns a link to a sound artifact to one that cannot be read, and back', async () => {
    const { folder: served, swap } = await createSwappedArtifact(artifactFolder, join(folder, 'a'))
    const sound = await readFile(join(served, ARTIFACT_FILES.items))
    expect((await reload(served)).status).toBe(200)
    await swap('corrupt')
    const corrupt = await readFile(join(served, ARTIFACT_FILES.items))
    expect(corrupt.filter((byte, i) => byte !== sound[i])).toHaveLength(1)
    expect((await reload(served)).body).toContain('BAD_ARTIFACT')
    await swap('sound')
    expect((await reload(served)).status).toBe(200)
  })
})

describe('reloadInTurn', () => {
  async function run(answer: (served: string) => Promise<HttpAnswer>, place: string) {
    const artifact = await createSwappedArtifact(artifactFolder, join(folder, place))
    const abort = new AbortController()
    const reloading = reloadInTurn({
      everyMs: 20,
      artifact,
      reload: () => answer(artifact.folder),
      signal: abort.signal,
    })
    await sleep(300)
    abort.abort()
    const counts = await reloading
    expect((await reload(artifact.folder)).status).toBe(200)
    return counts
  }

  test('counts sound reloads and refused ones', async () => {
    const counts = await run(reload, 'b')
    expect(counts.numReloads).toBeGreaterThan(1)
    expect(counts.numCorrupt).toBeGreaterThan(1)
    expect([counts.numFailed, counts.numCorruptTaken]).toEqual([0, 0])
    expect(counts.reloadMs).toHaveLength(counts.numReloads)
    expect(counts.refusal).toContain(ARTIFACT_FILES.items)
  })

  test('counts a server that takes everything, and one that refuses everything', async () => {
    const taking = await run(async () => ({ status: 200, body: '{}' }), 'c')
    expect(taking.numCorruptTaken).toBe(taking.numCorrupt)
    expect(taking.numFailed).toBe(0)
    const body = JSON.stringify({ code: 'INTERNAL', message: 'internal' })
    const refusing = await run(async () => ({ status: 500, body }), 'd')
    expect(refusing.numFailed).toBe(refusing.numReloads)
    expect(refusing.numCorruptTaken).toBe(refusing.numCorrupt)
  })
})
