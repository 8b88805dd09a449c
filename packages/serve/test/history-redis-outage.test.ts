import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectRedisHistoryStore } from '../src/history/connect-redis-history-store.ts'
import type { HistoryStore } from '../src/history/history-store.ts'
import { hasOwnRedis, NO_REDIS, type RedisServer, startOwnRedis } from './history-redis-server.ts'
import { itemsOf, purchase } from './history-store-cases.ts'

const COMMAND_TIMEOUT_MS = 300

describe.skipIf(!hasOwnRedis())(
  `connectRedisHistoryStore without an answer${hasOwnRedis() ? '' : ` (${NO_REDIS})`}`,
  () => {
    let server: RedisServer
    let store: HistoryStore
    beforeAll(async () => {
      server = await startOwnRedis()
      store = await connectRedisHistoryStore({
        url: server.url,
        commandTimeoutMs: COMMAND_TIMEOUT_MS,
      })
      await store.append('ann', [purchase('a', 1)])
    })
    afterAll(async () => {
      await store.close()
      await server.stop()
    })

    /** Expects a call to fail within the timeout and some time for the machine. */
    async function expectUnavailable(call: () => Promise<unknown>): Promise<void> {
      const startMs = performance.now()
      await expect(call()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
      expect(performance.now() - startMs).toBeLessThan(COMMAND_TIMEOUT_MS + 1_500)
    }

    test('fails in time while the server stands still, and goes on with it', async () => {
      server.process?.kill('SIGSTOP')
      await expectUnavailable(() => store.read('ann'))
      await expectUnavailable(() => store.append('ann', [purchase('b', 2, 'e2')]))
      server.process?.kill('SIGCONT')
      await store.append('ann', [purchase('b', 2, 'e2')])
      expect(itemsOf(await store.read('ann'))).toBe('ab')
    })

    test('fails in time once the server is gone, and names its address', async () => {
      await server.stop()
      await expectUnavailable(() => store.read('ann'))
      await expectUnavailable(() => store.append('ann', [purchase('c', 3)]))
      await expectUnavailable(() => store.statistics())
      await expect(
        connectRedisHistoryStore({ url: server.url.replace('//', '//user:secret@') }),
      ).rejects.toThrow(/^Expected Redis at 127\.0\.0\.1:\d+ to carry out a command, got: /)
    })

    test('refuses calls after close', async () => {
      await store.close()
      await expectUnavailable(() => store.read('ann'))
    })
  },
)
