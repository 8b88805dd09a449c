import type { History } from '@perennial/core'
import type { EncoderHistory } from './encoder/onnx-encoder.ts'
import type { StoredEvent } from './history/history-store.ts'
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
  { attributes, maxLength, lifecycle }: Pick<ServedModel, 'attributes' | 'maxLength' | 'lifecycle'>,
  events: readonly StoredEvent[],
  { asOfMs, customer }: Pick<Question, 'asOfMs' | 'customer'>,
): CustomerHistory {
  const itemRows = new Int32Array(events.length)
  const timestampMs = new Float64Array(events.length)
  const quantities = new Float32Array(events.length)
  const unknownItemIds = new Set<string>()
  let numKnown = 0
  let later = 0
  for (const event of events) {
    if (event.timestampMs > asOfMs) {
      later++
      continue
    }
    const itemRow = attributes.rowOf(event.itemId)
    if (itemRow === undefined) {
      unknownItemIds.add(event.itemId)
      continue
    }
    itemRows[numKnown] = itemRow
    timestampMs[numKnown] = event.timestampMs
    quantities[numKnown] = event.quantity
    numKnown++
  }
  const history: History = {
    userRow: 'userId' in customer ? lifecycle?.rowOf(customer.userId) : undefined,
    itemRows: itemRows.subarray(0, numKnown),
    timestampMs: timestampMs.subarray(0, numKnown),
    quantities: quantities.subarray(0, numKnown),
    asOfMs,
  }
  const first = Math.max(0, numKnown - maxLength)
  const recent: EncoderHistory = {
    itemRows: history.itemRows.subarray(first),
    timestampMs: history.timestampMs.subarray(first),
    asOfMs,
  }
  const used = recent.itemRows.length
  return {
    history,
    recent,
    summary: {
      used,
      truncated: numKnown - used,
      later,
      unknownItemIds: [...unknownItemIds],
    },
  }
}
