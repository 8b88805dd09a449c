import { createRng } from '@perennial/core'
import { expect, test } from 'vitest'
import type { AppendResult, StoredEvent } from '../src/history/history-store.ts'
import { type OpenStore, purchase } from './history-store-cases.ts'

const MAX_EVENTS = 6
const MAX_SHOWN = 3
const USER_IDS = ['ann', 'bob', 'cid', 'dan']

/** A user as simple as can be. */
interface ModelUser {
  events: StoredEvent[]
  takesAfterMs: number
  shown: [itemId: string, shownMs: number][]
}

const newUser = (): ModelUser => ({ events: [], takesAfterMs: -Infinity, shown: [] })

/** Adds one event to a user, sorting all over again. */
function add(user: ModelUser, event: StoredEvent): AppendResult {
  if (event.eventId !== undefined && user.events.some((e) => e.eventId === event.eventId))
    return 'duplicate'
  const isFull = user.events.length === MAX_EVENTS
  if (event.timestampMs <= user.takesAfterMs) return 'too-old'
  if (isFull && user.events.every((e) => e.timestampMs > event.timestampMs)) return 'too-old'
  user.events = [...user.events, event].sort((a, b) => a.timestampMs - b.timestampMs)
  if (isFull) user.takesAfterMs = (user.events.shift() as StoredEvent).timestampMs
  return 'added'
}

function show(user: ModelUser, itemId: string, shownMs: number): void {
  const before = user.shown.find(([shownId]) => shownId === itemId)
  if (before) before[1] = Math.max(before[1], shownMs)
  else user.shown.push([itemId, shownMs])
  user.shown = [...user.shown].sort((a, b) => b[1] - a[1]).slice(0, MAX_SHOWN)
}

function merge(from: ModelUser, into: ModelUser): number {
  const numMoved = from.events.filter((event) => add(into, event) === 'added').length
  into.takesAfterMs = Math.max(into.takesAfterMs, from.takesAfterMs)
  for (const [itemId, shownMs] of from.shown) show(into, itemId, shownMs)
  return numMoved
}

/** Declares the test that a store does what the simple model of it does, over random calls. */
export function testAgainstModel(open: OpenStore): void {
  test.each([1, 2, 3])(
    'does as a simple model does, over random calls of seed %i',
    async (seed) => {
      const store = await open({ maxEventsPerUser: MAX_EVENTS, maxShownPerUser: MAX_SHOWN })
      const users = new Map(USER_IDS.map((userId) => [userId, newUser()]))
      const userOf = (userId: string) => users.get(userId) as ModelUser
      const rng = createRng(seed)
      const pick = () => USER_IDS[rng.nextInt(USER_IDS.length)] as string
      let clockMs = 1

      async function act(): Promise<void> {
        const userId = pick()
        const choice = rng.nextInt(20)
        if (choice < 14) {
          const events = Array.from({ length: rng.nextInt(4) }, () =>
            purchase(
              `i${rng.nextInt(9)}`,
              clockMs + rng.nextInt(12) - 9,
              rng.nextInt(3) === 0 ? undefined : `e${clockMs + rng.nextInt(20) - 15}`,
            ),
          )
          const expected = events.map((event) => add(userOf(userId), event))
          expect(await store.append(userId, events)).toEqual(expected)
        } else if (choice < 17) {
          // Times differ, so that what the cap drops is certain.
          const itemId = `i${rng.nextInt(9)}`
          show(userOf(userId), itemId, clockMs)
          await store.markShown(userId, [itemId], clockMs)
        } else if (choice < 19) {
          const into = pick()
          const numMoved = into === userId ? 0 : merge(userOf(userId), userOf(into))
          expect(await store.merge(userId, into)).toEqual({ numMoved })
          if (into !== userId) users.set(userId, newUser())
        } else {
          const { events, shown } = userOf(userId)
          const expected = { numEvents: events.length, numShown: shown.length }
          expect(await store.erase(userId)).toEqual(expected)
          users.set(userId, newUser())
        }
      }

      const seen = new Map<string, string>()
      for (; clockMs < 400; clockMs++) {
        await act()
        for (const [userId, user] of users) {
          const { version, events, shown } = await store.read(userId)
          expect(events).toEqual(user.events.map(({ eventId, ...event }) => event))
          expect(new Map(shown)).toEqual(new Map(user.shown))
          const text = JSON.stringify(events)
          expect(seen.get(`${userId} ${version}`) ?? text).toBe(text)
          seen.set(`${userId} ${version}`, text)
        }
      }
      const inUse = [...users.values()].filter((u) => u.events.length > 0 || u.shown.length > 0)
      expect(await store.statistics()).toMatchObject({
        numUsers: inUse.length,
        numEvents: inUse.reduce((sum, user) => sum + user.events.length, 0),
      })
    },
  )
}
