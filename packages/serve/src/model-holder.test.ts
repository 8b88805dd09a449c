import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { ModelHolder } from './model-holder.ts'

function createModel(name: string) {
  const model = {
    name,
    numReleases: 0,
    release: async () => {
      model.numReleases++
    },
  }
  return model
}

describe('ModelHolder', () => {
  test('lets each answer end with the model that it began with', async () => {
    const [first, second] = [createModel('first'), createModel('second')]
    const holder = new ModelHolder(first)
    const slow = holder.use(async (model) => {
      await sleep(20)
      return { name: model.name, numReleases: model.numReleases }
    })
    const replacing = holder.replace(second)
    expect(await holder.use(async ({ name }) => name)).toBe('second')
    expect(first.numReleases).toBe(0)
    expect(await slow).toEqual({ name: 'first', numReleases: 0 })
    await replacing
    expect([first.numReleases, second.numReleases]).toEqual([1, 0])
  })

  test('frees a model whose answer failed', async () => {
    const first = createModel('first')
    const holder = new ModelHolder(first)
    await expect(holder.use(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
    await holder.replace(createModel('second'))
    expect(first.numReleases).toBe(1)
  })

  test('closes after what is under way, once, and then refuses', async () => {
    const model = createModel('only')
    const holder = new ModelHolder(model)
    const answer = holder.use(() => sleep(20, 'answer'))
    await Promise.all([holder.close(), holder.close()])
    expect(await answer).toBe('answer')
    expect(model.numReleases).toBe(1)
    const closed = expect.objectContaining({ code: 'ENGINE_UNAVAILABLE' })
    await expect(holder.use(async () => 1)).rejects.toThrow(closed)
    await expect(holder.replace(model)).rejects.toThrow(closed)
  })

  test('says when a model could not be freed', async () => {
    const holder = new ModelHolder({ release: () => Promise.reject(new Error('stuck')) })
    await expect(holder.close()).rejects.toThrow('stuck')
  })
})
