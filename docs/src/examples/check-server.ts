import { expect } from 'vitest'
import type { RunningExample } from './start-example.ts'

const PURCHASE = {
  userId: 'ann',
  itemId: 'tea',
  timestamp: '2026-01-12T09:00:00Z',
  eventId: 'order-1/1',
}

/**
 * Checks what each server does: it answers, records, says what is wrong with a request, ends when asked, and still
 * knows what it was told when it starts again.
 *
 * @param start - Starts it on the tiny artifact and always the same state folder.
 */
export async function checkServer(
  start: () => Promise<RunningExample>,
  { path, exitStatus }: { readonly path: string; readonly exitStatus: number },
): Promise<void> {
  const first = await start()
  const recommendations = `${first.url}${path}/recommendations`
  const events = `${first.url}${path}/events`
  const question = { userId: 'ann', k: 3, asOf: '2026-01-13T09:00:00Z' }
  try {
    expect(await ask(recommendations, question)).toMatchObject({
      status: 200,
      body: { path: 'popular', items: [{ itemId: 'milk' }, { itemId: 'pan' }, { itemId: 'soap' }] },
    })
    expect(await ask(events, [PURCHASE])).toEqual({
      status: 200,
      body: { accepted: 1, duplicates: 0, tooOld: 0, withoutConsent: 0, unknownItemIds: [] },
    })
    // Tea again, then what is most like it.
    expect(await ask(recommendations, question)).toMatchObject({
      status: 200,
      body: {
        path: 'model',
        items: [{ itemId: 'tea' }, { itemId: 'milk' }, { itemId: 'novelty' }],
      },
    })
    expect(await ask(recommendations, { ...question, k: 0 })).toMatchObject({
      status: 400,
      body: { code: 'INVALID_OPTION', message: expect.stringContaining('`k`') },
    })
    expect(await ask(events, [PURCHASE, { ...PURCHASE, timestamp: 'today' }])).toMatchObject({
      status: 400,
      body: { code: 'INVALID_INPUT', message: expect.stringContaining('`events[1].timestamp`') },
    })
    expect(await ask(events, '[{')).toMatchObject({ status: 400 })
  } finally {
    expect(await first.stop()).toBe(exitStatus)
  }

  const second = await start()
  try {
    expect(await ask(`${second.url}${path}/events`, [PURCHASE])).toMatchObject({
      status: 200,
      body: { accepted: 0, duplicates: 1 },
    })
  } finally {
    expect(await second.stop()).toBe(exitStatus)
  }
}

/** Posts a body, as JSON unless it is text already. */
async function ask(url: string, body: unknown): Promise<{ status: number; body: unknown }> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false
  return { status: response.status, body: isJson ? JSON.parse(text) : text }
}
