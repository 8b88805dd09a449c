import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { writeLifecycleArtifact } from '../test/lifecycle-artifact.ts'
import { writeTinyArtifact } from '../test/tiny-artifact.ts'
import { AS_OF, bought, idsOf } from '../test/tiny-purchases.ts'
import { Recommender } from './recommender.ts'

const history = [bought('tea', '2026-01-31')]
const ask = { history, asOf: AS_OF }

describe('Recommender.reload', () => {
  test('puts another model in place while answers are under way, and fails none', async () => {
    const recommender = await Recommender.load(await writeTinyArtifact())
    const other = await writeTinyArtifact({ blend: { repeatWeight: 2, halfLifeDays: 5 } })
    const versions = new Set<string>()
    let isReloading = true
    const asking = (async () => {
      let numAnswers = 0
      while (isReloading) {
        const batch = Array.from({ length: 5 }, () => recommender.recommend(ask))
        for (const { modelVersion } of await Promise.all(batch)) versions.add(modelVersion)
        numAnswers += 5
      }
      return numAnswers
    })()
    const before = recommender.modelVersion
    const result = await recommender.reload(other)
    await recommender.recommend(ask)
    isReloading = false
    expect(await asking).toBeGreaterThan(5)
    expect(result).toEqual({
      previousModelVersion: before,
      modelVersion: recommender.modelVersion,
    })
    expect(result.modelVersion).not.toBe(before)
    expect(versions.has(before)).toBe(true)
    await recommender.close()
  })

  test('refuses a corrupt artifact with the reason and keeps the model', async () => {
    const recommender = await Recommender.load(await writeTinyArtifact())
    const before = await recommender.recommend(ask)
    const corrupt = await writeTinyArtifact()
    const path = join(corrupt, 'encoder.onnx')
    const bytes = await readFile(path)
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1
    await writeFile(path, bytes)
    await expect(recommender.reload(corrupt)).rejects.toThrow(
      expect.objectContaining({ code: 'BAD_ARTIFACT', message: expect.stringContaining('sha256') }),
    )
    const after = await recommender.recommend(ask)
    expect(after.items).toEqual(before.items)
    expect(after.modelVersion).toBe(before.modelVersion)
    // The folder asked for in vain is not the one that is loaded next.
    expect((await recommender.reload()).modelVersion).toBe(before.modelVersion)
    await recommender.close()
  })

  test('knows the items and purchases of before', async () => {
    const recommender = await Recommender.load(
      await writeLifecycleArtifact({ weights: { 'score.user_knn': 1 } }),
    )
    await recommender.updateItems([{ itemId: 'wok', categoryPath: ['Kitchen'], price: 9 }])
    await recommender.recordEvents([
      { userId: 'ann', ...bought('pot', '2026-01-30') },
      { userId: 'eve', ...bought('tea', '2026-01-30') },
    ])
    const before = await recommender.recommend({ ...ask, explain: false })
    await recommender.reload()
    const after = await recommender.recommend({ ...ask, explain: false })
    expect(after.items).toEqual(before.items)
    expect(idsOf(after)).toContain('wok')
    await recommender.close()
  })

  test('counts purchases that come while it loads, once', async () => {
    const folder = await writeLifecycleArtifact({ weights: { 'item.popularity_30': 1 } })
    const recommender = await Recommender.load(folder)
    const plain = await Recommender.load(folder)
    const events = Array.from({ length: 60 }, (_, i) => ({
      userId: `u${i}`,
      ...bought(['soap', 'pot', 'milk'][i % 3] as string, '2026-01-31'),
    }))
    const recording = (async () => {
      for (const event of events) await recommender.recordEvents([event])
    })()
    await Promise.all([recommender.reload(), recommender.reload(), recording])
    for (const event of events) await plain.recordEvents([event])
    const [reloaded, straight] = await Promise.all(
      [recommender, plain].map((one) => one.recommend({ ...ask, explain: false })),
    )
    expect(reloaded?.items).toEqual(straight?.items)
    for (const one of [recommender, plain]) await one.close()
  })
})
