import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createRng, type Rng } from '@perennial/core'

const BLOCK_ROWS = 10_000
const START_MS = Date.UTC(2024, 0, 1)
const SPAN_MS = 2 * 365 * 86_400_000
const ROWS_PER_CUSTOMER = 20
const NUM_ITEMS = 50_000
/** Share of titles with a comma, which are written in quotes. */
const QUOTED_SHARE = 0.05

/** Options of {@link generateEvents}. */
export interface GenerateEventsOptions {
  readonly numRows: number
  readonly seed: number
}

/**
 * Writes a CSV of a shop's sales over two years in the order of time: on average 20 rows a customer,
 * up to 50,000 items with a long tail, 5% of titles in quotes, 2% returns.
 */
export async function generateEvents(
  path: string,
  { numRows, seed }: GenerateEventsOptions,
): Promise<void> {
  await pipeline(Readable.from(writeBlocks(numRows, createRng(seed))), createWriteStream(path))
}

function* writeBlocks(numRows: number, rng: Rng): Generator<string> {
  yield 'order_id,customer_id,sku,product_name,quantity,unit_price,ordered_at\n'
  const numCustomers = Math.max(1, Math.floor(numRows / ROWS_PER_CUSTOMER))
  for (let row = 0; row < numRows; ) {
    let block = ''
    for (const end = Math.min(numRows, row + BLOCK_ROWS); row < end; row++) {
      const item = Math.floor(NUM_ITEMS * rng.next() ** 3)
      const title = rng.next() < QUOTED_SHARE ? `"Product, large ${item}"` : `Product ${item}`
      const quantity = rng.next() < 0.02 ? -1 : 1 + rng.nextInt(5)
      const time = new Date(START_MS + Math.floor((SPAN_MS * row) / numRows / 1000) * 1000)
      block += `${1_000_000 + Math.floor(row / 4)},C${100_000 + rng.nextInt(numCustomers)},SKU-${item},${title},${quantity},${(0.5 + (item % 400) / 8).toFixed(2)},${time.toISOString().slice(0, 19)}Z\n`
    }
    yield block
  }
}
