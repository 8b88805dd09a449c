import { customerKey } from '@perennial/core'
import type { AppendResult, HistoryStore, StoredEvent } from './history/history-store.ts'
import type { PurchaseFeed } from './purchase-feed.ts'
import { readEvent } from './read-request.ts'
import { checkFlag, checkId, checkLength, checkObject, REQUEST_LIMITS } from './read-value.ts'
import type { RecordResult, UserEvent } from './recommendation.ts'
import type { ServedModel } from './served-model.ts'

/** Where purchases go. */
export interface RecordEventsOptions {
  readonly store: HistoryStore
  readonly feed: PurchaseFeed
  readonly currentModel: () => ServedModel
}

/**
 * Checks purchases, stores those that their users agreed to, and makes the model count what was new.
 *
 * @throws {@link RecommenderError} `INVALID_INPUT` naming the event and field: nothing is stored then.
 */
export async function recordEvents(
  events: readonly UserEvent[],
  options: RecordEventsOptions,
): Promise<RecordResult> {
  checkLength('events', events, REQUEST_LIMITS.maxEvents)
  const byUser = new Map<string, StoredEvent[]>()
  const unknownItemIds = new Set<string>()
  const { attributes } = options.currentModel()
  let withoutConsent = 0
  events.forEach((event, i) => {
    const path = `events[${i}]`
    checkObject(path, event)
    const userId = checkId(`${path}.userId`, event.userId)
    const checked = readEvent(event, path)
    if (!checkFlag(`${path}.consent`, event.consent, true)) {
      withoutConsent++
      return
    }
    if (attributes.rowOf(checked.itemId) === undefined) unknownItemIds.add(checked.itemId)
    const ofUser = byUser.get(userId)
    if (ofUser === undefined) byUser.set(userId, [checked])
    else ofUser.push(checked)
  })
  const results = await Promise.all(
    Array.from(byUser, ([userId, ofUser]) => recordOfUser(userId, ofUser, options)),
  )
  const counts = { added: 0, duplicate: 0, 'too-old': 0 }
  for (const result of results.flat()) counts[result]++
  return {
    accepted: counts.added,
    duplicates: counts.duplicate,
    tooOld: counts['too-old'],
    withoutConsent,
    unknownItemIds: [...unknownItemIds],
  }
}

async function recordOfUser(
  userId: string,
  events: readonly StoredEvent[],
  { store, feed, currentModel }: RecordEventsOptions,
): Promise<AppendResult[]> {
  const key = customerKey(userId)
  const pending = events.map((event) => feed.begin({ key, event }))
  let results: AppendResult[] | undefined
  try {
    results = await store.append(userId, events)
  } finally {
    pending.forEach((purchase, i) => {
      feed.end(purchase, results?.[i] === 'added', currentModel())
    })
  }
  const added = events.filter((_, i) => results[i] === 'added')
  await learnNewItems(userId, added, { store, model: currentModel() })
  return results
}

/** Draws new items towards what their buyers own. */
async function learnNewItems(
  userId: string,
  events: readonly StoredEvent[],
  { store, model }: { readonly store: HistoryStore; readonly model: ServedModel },
): Promise<void> {
  const { attributes, numArtifactItems, newItemVectors } = model
  const rowsOf = (some: readonly StoredEvent[]): number[] =>
    some.flatMap(({ itemId }) => attributes.rowOf(itemId) ?? [])
  const newRows = rowsOf(events).filter((row) => row > numArtifactItems)
  if (newRows.length === 0) return
  const history = await store.read(userId)
  newItemVectors.learn(newRows, rowsOf(history.events))
}
