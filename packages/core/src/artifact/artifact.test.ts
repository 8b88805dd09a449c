import { mkdtemp, readFile, rm, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createEncoderConfig } from '../model/config.ts'
import { type ArtifactContent, readArtifact, writeArtifact } from './artifact.ts'
import type { Manifest } from './manifest.ts'

let folder: string

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'perennial-')), 'model')
})

afterEach(() => rm(join(folder, '..'), { recursive: true }))

const content: ArtifactContent = {
  name: 'shop',
  manifest: {
    encoder: createEncoderConfig({ dim: 2 }),
    blend: { repeatWeight: 0.5, halfLifeDays: 120 },
    data: {
      numUsers: 3,
      numItems: 2,
      numEvents: 9,
      trainedUntil: '2011-12-09T12:50:00.000Z',
      currency: 'GBP',
    },
    training: { engine: 'tensorflow', epochs: 2, seconds: 3, config: { seed: 1 } },
    metrics: { popularity: { 'recall@10': 0.1 } },
  },
  encoder: Uint8Array.of(8, 9, 10, 11),
  items: [
    { itemId: 'a', title: 'A', categoryPath: [], price: 1 },
    { itemId: 'b', title: undefined, categoryPath: ['x', 'y'], price: undefined },
  ],
  vectors: {
    dim: 2,
    vectors: Float32Array.of(0, 0, 1, 2, 3, 4),
    popularity: Float32Array.of(0, 5, 6),
    trained: Uint8Array.of(0, 1, 0),
  },
  extraFiles: { 'report.html': '<p>r</p>' },
}

/** Changes `manifest.json` as written. */
async function editManifest(change: (manifest: Record<string, unknown>) => void): Promise<void> {
  const path = join(folder, 'manifest.json')
  const manifest = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>
  change(manifest)
  await writeFile(path, JSON.stringify(manifest))
}

describe('writeArtifact and readArtifact', () => {
  test('keep everything', async () => {
    const manifest = await writeArtifact(folder, content)
    const read = await readArtifact(folder)
    expect(read.manifest).toEqual(manifest)
    expect(read.manifest).toMatchObject({ formatVersion: 1, ...content.manifest })
    expect(Uint8Array.from(read.encoder)).toEqual(content.encoder)
    expect([1, 2].map((itemRow) => read.catalog.recordOf(itemRow))).toEqual(content.items)
    expect(read.vectors).toEqual(content.vectors)
    expect(await readFile(join(folder, 'report.html'), 'utf8')).toBe('<p>r</p>')
  })

  test('stop at a signal', async () => {
    await writeArtifact(folder, content)
    const reason = new Error('enough')
    const read = readArtifact(folder, { signal: AbortSignal.abort(reason) })
    await expect(read).rejects.toBe(reason)
  })

  test('version the model by its content', async () => {
    const version = async (change: Partial<ArtifactContent>): Promise<Manifest['modelVersion']> =>
      (await writeArtifact(folder, { ...content, ...change })).modelVersion
    const first = await version({})
    expect(first).toMatch(/^shop-[0-9a-f]{12}$/)
    expect(await version({ extraFiles: {} })).toBe(first)
    expect(await version({ encoder: Uint8Array.of(8, 9, 10, 12) })).not.toBe(first)
    const blend = { ...content.manifest.blend, repeatWeight: 7 }
    expect(await version({ manifest: { ...content.manifest, blend } })).not.toBe(first)
  })

  test.each(['encoder.onnx', 'items.arrow', 'report.html'])(
    'notice a changed byte in %s',
    async (name) => {
      await writeArtifact(folder, content)
      const data = await readFile(join(folder, name))
      data[data.length >> 1] = (data[data.length >> 1] as number) ^ 1
      await writeFile(join(folder, name), data)
      await expect(readArtifact(folder)).rejects.toMatchObject({
        code: 'BAD_ARTIFACT',
        message: expect.stringContaining(join(folder, name)),
      })
    },
  )

  test.each(['manifest.json', 'encoder.onnx', 'items.arrow'])(
    'notice that %s is missing',
    async (name) => {
      await writeArtifact(folder, content)
      await unlink(join(folder, name))
      await expect(readArtifact(folder)).rejects.toMatchObject({
        code: 'BAD_ARTIFACT',
        message: expect.stringContaining(name),
      })
    },
  )

  test.each(['encoder.onnx', 'items.arrow'])(
    'refuse a manifest that does not name %s',
    async (name) => {
      await writeArtifact(folder, content)
      await unlink(join(folder, name))
      await editManifest(({ files }) => {
        delete (files as Record<string, unknown>)[name]
      })
      await expect(readArtifact(folder)).rejects.toMatchObject({ code: 'BAD_ARTIFACT' })
    },
  )

  test('refuse another format version and an incomplete manifest', async () => {
    await writeArtifact(folder, content)
    await editManifest((manifest) => {
      delete manifest.training
    })
    await expect(readArtifact(folder)).rejects.toThrow("to have 'training'")
    await editManifest((manifest) => {
      manifest.formatVersion = 2
    })
    await expect(readArtifact(folder)).rejects.toMatchObject({
      code: 'BAD_ARTIFACT',
      message: expect.stringContaining('formatVersion 1, got 2'),
    })
  })

  test('refuse vectors of another length than the encoder takes', async () => {
    const encoder = createEncoderConfig({ dim: 4 })
    await writeArtifact(folder, { ...content, manifest: { ...content.manifest, encoder } })
    await expect(readArtifact(folder)).rejects.toMatchObject({ code: 'BAD_ARTIFACT' })
  })
})
