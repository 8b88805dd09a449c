import { DAY_MS } from '@perennial/core'
import { describe, expect, test } from 'vitest'
import { createAssortment } from './assortment.ts'
import type { LifecycleEvent } from './create-customer.ts'
import { gapAfter } from './create-customer.ts'
import { generateLifecycle, type Lifecycle } from './generate-lifecycle.ts'
import { createLifecycleConfig, START_MS } from './lifecycle-config.ts'

const EXACT = { users: 400, days: 400, seed: 3, difficulty: 0 }

describe('generateLifecycle', () => {
  test('is the same for the same seed and differs for another', () => {
    const options = { users: 20, seed: 5 }
    expect(generateLifecycle(options)).toEqual(generateLifecycle(options))
    expect(generateLifecycle({ ...options, seed: 6 }).events).not.toEqual(
      generateLifecycle(options).events,
    )
  })

  test('draws a customer alike whatever the number of customers', () => {
    const few = generateLifecycle({ users: 10 })
    const many = generateLifecycle({ users: 30 })
    expect(many.truth.slice(0, 10)).toEqual(few.truth)
    expect(many.events.slice(0, few.events.length)).toEqual(few.events)
  })

  test('lets every need recur exactly at difficulty 0, up to the true next purchase', () => {
    const shop = generateLifecycle(EXACT)
    const { consumables } = createAssortment(createLifecycleConfig(EXACT))
    const categoryOf = itemCategories(shop)
    let numGaps = 0
    let numDue = 0
    for (const [userRow, events] of eventsByUser(shop).entries()) {
      for (const need of shop.truth[userRow]?.needs ?? []) {
        const bought = events.filter(({ itemId }) => categoryOf.get(itemId) === need.category)
        const { peakDay = null, chain } =
          consumables.find(({ name }) => name === need.category) ?? {}
        const dueAfter = (day: number): number =>
          day + Math.round(gapAfter(day, need.intervalDays, peakDay))
        for (let i = 1; i < bought.length; i++) {
          const before = (bought[i - 1] as LifecycleEvent).day
          expect(bought[i]?.day).toBe(dueAfter(before))
          if (peakDay === null) expect((bought[i]?.day ?? 0) - before).toBe(need.intervalDays)
          numGaps++
        }
        const last = bought.at(-1)
        if (need.nextDueDate === null || last === undefined) continue
        expect(need.nextDueDate).toBe(dateOf(dueAfter(last.day)))
        expect(dueAfter(last.day)).toBeGreaterThanOrEqual(EXACT.days)
        if (!chain) expect(need.nextItemId).toBe(last.itemId)
        numDue++
      }
    }
    expect(numGaps).toBeGreaterThan(5_000)
    expect(numDue).toBeGreaterThan(700)
  })

  test('follows a starter kit by refill A, refill B and refill A again', () => {
    const shop = generateLifecycle(EXACT)
    const titles = new Map(shop.items.map(({ itemId, title }) => [itemId, title ?? '']))
    const categoryOf = itemCategories(shop)
    const parts = eventsByUser(shop).map((events) =>
      events
        .filter(({ itemId }) => categoryOf.get(itemId) === 'Skin care')
        .map(({ itemId }) => titles.get(itemId)?.split(', ')[1]),
    )
    const long = parts.filter(({ length }) => length >= 4)
    expect(long.length).toBeGreaterThan(50)
    for (const part of long) {
      expect(part.slice(0, 4)).toEqual(['starter kit', 'refill A', 'refill B', 'refill A'])
    }
  })

  test('sells a durable once, and its accessory 3 to 42 days later to seven owners of ten', () => {
    const shop = generateLifecycle({ ...EXACT, users: 2000, difficulty: 0.5 })
    const { durables, accessories, items } = createAssortment(createLifecycleConfig(EXACT))
    const rowOf = new Map(items.map(({ itemId }, i) => [itemId, i + 1]))
    let numOwned = 0
    let numAccessories = 0
    eventsByUser(shop).forEach((events, userRow) => {
      const truth = shop.truth[userRow]
      const owned = events.filter(({ cause }) => cause === 'durable')
      expect(new Set(owned.map(({ itemId }) => itemId)).size).toBe(owned.length)
      expect(owned.map(({ itemId }) => itemId).sort()).toEqual(
        [...(truth?.durablesOwned ?? [])].sort(),
      )
      const bought = events.filter(({ cause }) => cause === 'accessory')
      for (const accessory of bought) {
        const position = accessories.findIndex(({ itemRows }) =>
          itemRows.flat().includes(rowOf.get(accessory.itemId) ?? 0),
        )
        const rows = durables[position]?.itemRows.flat()
        const durable = owned.find(({ itemId }) => rows?.includes(rowOf.get(itemId) ?? 0))
        const lag = accessory.day - (durable?.day ?? Number.NaN)
        expect(lag).toBeGreaterThanOrEqual(3)
        expect(lag).toBeLessThanOrEqual(42)
      }
      if (truth?.stage === 'lapsed') return
      numOwned += owned.length
      numAccessories += bought.length + (truth?.accessoriesToFollow.length ?? 0)
    })
    expect(numOwned).toBeGreaterThan(1_500)
    expect(numAccessories / numOwned).toBeCloseTo(0.7, 1)
  })

  test('keeps each customer in one price band', () => {
    const shop = generateLifecycle({ users: 300, difficulty: 0.6 })
    const { consumables, durables, accessories, items } = createAssortment(
      createLifecycleConfig({}),
    )
    const bandOf = new Map<string, number>()
    for (const { itemRows } of [...consumables, ...durables, ...accessories]) {
      itemRows.forEach((rows, band) => {
        for (const row of rows) bandOf.set(items[row - 1]?.itemId as string, band)
      })
    }
    const names = ['low', 'middle', 'high'] as const
    eventsByUser(shop).forEach((events, userRow) => {
      const bands = new Set(events.map(({ itemId }) => names[bandOf.get(itemId) as 0 | 1 | 2]))
      expect([...bands]).toEqual([shop.truth[userRow]?.priceBand])
    })
  })

  test('knows who is new, who lapsed and who is active', () => {
    const { truth, ...shop } = generateLifecycle({ users: 2000, days: 400 })
    const events = eventsByUser({ truth, ...shop })
    const share = (stage: string): number =>
      truth.filter((customer) => customer.stage === stage).length / truth.length
    truth.forEach(({ stage, needs }, userRow) => {
      const first = events[userRow]?.[0]?.day ?? Number.NaN
      if (stage === 'new') expect(first).toBeGreaterThanOrEqual(400 - 60)
      if (stage === 'active') expect(first).toBeLessThan(400 - 60)
      for (const { nextDueDate } of needs) {
        if (stage === 'lapsed') expect(nextDueDate).toBe(null)
        else expect(nextDueDate && nextDueDate >= dateOf(400)).toBe(true)
      }
    })
    // A quarter lapses, less those who join within the last 30 days: 0.3 * 30 / 400 of all.
    expect(share('lapsed')).toBeCloseTo(0.25 * (1 - (0.3 * 30) / 400), 1)
    // Of the 30 % that join later, 60 / 400 do so within the last 60 days.
    expect(share('new')).toBeCloseTo((0.3 * 60) / 400, 1)
  })

  test('makes the wanted share of purchases random', () => {
    for (const difficulty of [0, 0.3, 0.6]) {
      const { events } = generateLifecycle({ users: 500, difficulty })
      const share = events.filter(({ cause }) => cause === 'random').length / events.length
      expect(Math.abs(share - difficulty)).toBeLessThan(0.02)
    }
  })

  test('sells more sun cream in July than in January', () => {
    const shop = generateLifecycle({ users: 1000, days: 366, difficulty: 0 })
    const categoryOf = itemCategories(shop)
    const numIn = (month: number): number =>
      shop.events.filter(
        ({ itemId, timestampMs }) =>
          categoryOf.get(itemId) === 'Sun cream' && new Date(timestampMs).getUTCMonth() === month,
      ).length
    // The rate of the season is 1 + 0.6 at its peak and 1 - 0.6 half a year away.
    expect(numIn(6)).toBeGreaterThan(2 * numIn(11))
  })

  test('makes the assortment and the log as large as asked', () => {
    const { items, events, truth } = generateLifecycle({ users: 50, items: 900, days: 100 })
    expect([items.length, truth.length]).toEqual([900, 50])
    expect(new Set(items.map(({ itemId }) => itemId)).size).toBe(900)
    expect(new Set(items.map(({ title }) => title)).size).toBe(900)
    expect(Math.max(...events.map(({ day }) => day))).toBe(99)
    expect(
      items.filter(({ categoryPath }) => categoryPath?.[1] === 'Tea 2').length,
    ).toBeGreaterThan(20)
  })

  test.each([{ users: 0 }, { items: 125 }, { days: 89 }, { seed: 0.5 }, { difficulty: 0.91 }])(
    'refuses %o',
    (options) => {
      expect(() => generateLifecycle(options)).toThrow(
        expect.objectContaining({ code: 'INVALID_OPTION' }),
      )
    },
  )
})

function eventsByUser({ events, truth }: Lifecycle): LifecycleEvent[][] {
  const byUser = new Map<string, LifecycleEvent[]>(truth.map(({ userId }) => [userId, []]))
  for (const event of events) byUser.get(event.userId)?.push(event)
  return [...byUser.values()]
}

function itemCategories({ items }: Lifecycle): Map<string, string> {
  return new Map(items.map(({ itemId, categoryPath }) => [itemId, categoryPath?.[1] as string]))
}

function dateOf(day: number): string {
  return new Date(START_MS + day * DAY_MS).toISOString().slice(0, 10)
}
