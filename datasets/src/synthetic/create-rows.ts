import { createRng, DAY_MS, type ItemRecord, type Rng } from '@perennial/core'
import type { LifecycleEvent } from './create-customer.ts'
import { type LifecycleConfig, STREAM } from './lifecycle-config.ts'

/** Columns of `events.csv`. */
export const EVENT_HEADER = [
  'order_id',
  'customer_id',
  'sku',
  'title',
  'category',
  'quantity',
  'unit_price',
  'ordered_at',
] as const

/** Extra rows a clean row brings, by kind, at difficulty 1. */
const DIRT_RATES = {
  duplicates: 0.02,
  returns: 0.03,
  cancellations: 0.02,
  missingCustomers: 0.04,
  malformed: 0.01,
} as const

/** Rows by kind. `clean` rows are the events; all others are extra. */
export type RowTally = Record<keyof typeof DIRT_RATES | 'clean', number>

/** Turns events into the rows of a merchant's export, and counts them. */
export interface RowWriter {
  /** Creates the rows of one customer, dirt among them. */
  createRows(userRow: number, events: readonly LifecycleEvent[]): string[][]
  /** Counts of all rows so far. */
  readonly tally: Readonly<RowTally>
}

/** Creates a writer that numbers orders from 100001; every day of a customer is an order. */
export function createRowWriter(
  { seed, difficulty }: LifecycleConfig,
  items: readonly ItemRecord[],
): RowWriter {
  const itemOf = new Map(items.map((item) => [item.itemId, item]))
  const tally: RowTally = {
    clean: 0,
    duplicates: 0,
    returns: 0,
    cancellations: 0,
    missingCustomers: 0,
    malformed: 0,
  }
  let order = 100_000
  const rowOf = (event: LifecycleEvent, change: RowChange = {}): string[] => {
    const { userId = event.userId, orderId = String(order), quantity, timestampMs } = change
    const { title, categoryPath } = itemOf.get(event.itemId) as ItemRecord
    return [
      orderId,
      userId,
      event.itemId,
      title as string,
      (categoryPath as readonly string[]).join(' > '),
      String(quantity ?? event.quantity),
      event.price.toFixed(2),
      formatLocalTime(timestampMs ?? event.timestampMs),
    ]
  }
  return {
    tally,
    createRows: (userRow, events) => {
      const rng = createRng(seed, STREAM.dirt, userRow)
      const isDirty = (kind: keyof typeof DIRT_RATES): boolean => {
        const dirty = rng.next() < difficulty * DIRT_RATES[kind]
        if (dirty) tally[kind]++
        return dirty
      }
      const rows: string[][] = []
      events.forEach((event, i) => {
        if (event.day !== events[i - 1]?.day) order++
        const row = rowOf(event)
        rows.push(row)
        tally.clean++
        if (isDirty('duplicates')) rows.push(row)
        if (isDirty('malformed')) rows.push(breakRow(row, rng))
        if (isDirty('missingCustomers')) rows.push(rowOf(event, { userId: '' }))
        const back = {
          quantity: -event.quantity,
          timestampMs: event.timestampMs + (1 + rng.nextInt(14)) * DAY_MS,
        }
        if (isDirty('returns')) rows.push(rowOf(event, { ...back, orderId: `R${order}` }))
        if (isDirty('cancellations')) rows.push(rowOf(event, { ...back, orderId: `C${order}` }))
      })
      return rows
    },
  }
}

interface RowChange {
  readonly userId?: string
  readonly orderId?: string
  readonly quantity?: number
  readonly timestampMs?: number
}

/** Returns a copy that no reader can take for a sale. */
function breakRow(row: readonly string[], rng: Rng): string[] {
  const broken = [...row]
  const kind = rng.nextInt(4)
  if (kind === 0) return broken.slice(0, 5)
  if (kind === 1) broken[EVENT_HEADER.indexOf('sku')] = ''
  if (kind === 2) broken[EVENT_HEADER.indexOf('quantity')] = 'two'
  if (kind === 3) broken[EVENT_HEADER.indexOf('ordered_at')] = 'yesterday'
  return broken
}

function formatLocalTime(timestampMs: number): string {
  return new Date(timestampMs).toISOString().slice(0, 19).replace('T', ' ')
}
