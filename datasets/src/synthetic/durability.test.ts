import { buildCategoryTree, dayOf, learnDurability, learnRepurchase } from '@perennial/core'
import { describe, expect, test } from 'vitest'
import { createDataset } from '../create-dataset.ts'
import { createAssortment } from './assortment.ts'
import { generateLifecycle } from './generate-lifecycle.ts'
import { createLifecycleConfig, MECHANISM, START_MS } from './lifecycle-config.ts'

describe('learnDurability on a shop whose kinds are known', () => {
  const config = createLifecycleConfig({ seed: 1 })
  const shop = generateLifecycle(config)
  const { consumables, durables, accessories } = createAssortment(config)
  const userIds = [...new Set(shop.events.map(({ userId }) => userId))]
  const userRows = new Map(userIds.map((userId, row) => [userId, row]))
  const itemRows = new Map(shop.items.map(({ itemId }, i) => [itemId, i + 1]))
  const dataset = createDataset({
    userIds,
    items: shop.items,
    userRows: Int32Array.from(shop.events, ({ userId }) => userRows.get(userId) as number),
    itemRows: Int32Array.from(shop.events, ({ itemId }) => itemRows.get(itemId) as number),
    timestampMs: Float64Array.from(shop.events, ({ timestampMs }) => timestampMs),
    timeKind: 'timestamp',
  })
  const cutDay = dayOf(START_MS) + config.days
  const learned = learnDurability(dataset, learnRepurchase(dataset, { cutDay }))
  const tree = buildCategoryTree(dataset.catalog)
  const recordOf = (path: readonly string[]) => learned.categories[tree.nodeOf(path) as number]

  test('knows every category', () => {
    for (const { path } of consumables) expect(recordOf(path)?.kind).toBe('consumable')
    for (const { path } of durables) expect(recordOf(path)?.kind).toBe('durable')
  })

  test('knows every durable item, and all consumables but one of 216 whose buyers are too few', () => {
    const kindsOf = (categories: typeof durables): (string | undefined)[] =>
      categories
        .flatMap((category) => category.itemRows.flat())
        .map((row) => learned.items[row]?.kind)
    expect(kindsOf(durables)).toEqual(kindsOf(durables).map(() => 'durable'))
    expect(kindsOf(durables)).toHaveLength(42)
    const kinds = kindsOf(consumables)
    expect(kinds).toHaveLength(216)
    expect(kinds.filter((kind) => kind === 'consumable')).toHaveLength(215)
    expect(kinds).not.toContain('durable')
  })

  test('finds the accessory of every durable and the days in which it follows', () => {
    const { accessoryMinDays, accessoryMaxDays } = MECHANISM
    durables.forEach(({ path }, n) => {
      const record = recordOf(path)
      const own = accessories[n]?.itemRows.flat() ?? []
      const best = record?.accessories[0]
      expect(best !== undefined && 'itemRow' in best && own.includes(best.itemRow)).toBe(true)
      expect(record?.accessories).toContainEqual(
        expect.objectContaining({ categoryPath: accessories[n]?.path }),
      )
      expect(best?.fromDays).toBeGreaterThanOrEqual(accessoryMinDays)
      // Nine in ten of days 3 to 42, evenly spread: day 38.
      expect(record?.accessoryDays).toBeGreaterThan(33)
      expect(record?.accessoryDays).toBeLessThanOrEqual(accessoryMaxDays)
    })
  })

  test('suppresses a durable with its category for months, a consumable for days', () => {
    for (const { path, itemRows: rows } of durables) {
      expect(recordOf(path)?.suppressCategoryDays).toBeGreaterThan(120)
      for (const row of rows.flat())
        expect(learned.items[row]?.suppressCategoryDays).toBe(recordOf(path)?.suppressDays)
    }
    for (const { path, intervalDays } of consumables) {
      expect(recordOf(path)?.suppressDays).toBeLessThan(intervalDays)
      expect(recordOf(path)?.suppressCategoryDays).toBe(0)
    }
  })
})
