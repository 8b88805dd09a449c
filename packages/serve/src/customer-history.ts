import type { History } from '@perennial/core'
import type { EncoderHistory } from './encoder/onnx-encoder.ts'
import type { StoredEvent } from './history-store.ts'
import type { Question } from './read-request.ts'
import type { RecommendResponse } from './recommendation.ts'
import type { ServedModel } from './served-model.ts'

/** What a model can use of a customer's events. */
export interface CustomerHistory {
  /** Events of known items up to the time of the question. */
  readonly history: History
  /** The newest `maxLength` events of `history`: what the encoder sees. */
  readonly recent: EncoderHistory
  readonly summary: RecommendResponse['history']
}

/** Returns the part of a customer's events that a model knows the items of, and what was left out. */
export function buildCustomerHistory(
  { catalog, maxLength, lifecycle }: ServedModel,
  events: readonly StoredEvent[],
  { asOfMs, customer }: Pick<Question, 'asOfMs' | 'customer'>,
): CustomerHistory {
  const itemRows: number[] = []
  const known: StoredEvent[] = []
  const unknownItemIds = new Set<string>()
  let later = 0
  for (const event of events) {
    const itemRow = catalog.rowOf(event.itemId)
    if (event.timestampMs > asOfMs) later++
    else if (itemRow === undefined) unknownItemIds.add(event.itemId)
    else {
      itemRows.push(itemRow)
      known.push(event)
    }
  }
  const history: History = {
    userRow: 'userId' in customer ? lifecycle?.rowOf(customer.userId) : undefined,
    itemRows: Int32Array.from(itemRows),
    timestampMs: Float64Array.from(known, ({ timestampMs }) => timestampMs),
    quantities: Float32Array.from(known, ({ quantity }) => quantity),
    asOfMs,
  }
  const recent: EncoderHistory = {
    itemRows: history.itemRows.slice(-maxLength),
    timestampMs: history.timestampMs.slice(-maxLength),
    asOfMs,
  }
  const used = recent.itemRows.length
  return {
    history,
    recent,
    summary: {
      used,
      truncated: itemRows.length - used,
      later,
      unknownItemIds: [...unknownItemIds],
    },
  }
}
