import type { ItemRecord } from '@perennial/core'
import { createDataset } from '../create-dataset.ts'
import type { DatasetSource } from '../dataset-facts.ts'
import { readCsv } from '../read-csv.ts'
import { onlineRetailFacts } from './facts.ts'

const FIRST_YEAR = 'year-2009-2010.csv'
const SECOND_YEAR = 'year-2010-2011.csv'
const SECOND_YEAR_START = '2010-12-01'

/** Columns: invoice, stock_code, description, quantity, invoice_date, price, customer_id, country. */
type Row = readonly [string, string, string, string, string, string, string, string]

/** Online Retail II: sales to known customers of goods, not of postage, fees and vouchers. */
export const onlineRetail: DatasetSource = {
  facts: onlineRetailFacts,
  load: async (read) => {
    const rows: Purchase[] = []
    const titles = new Map<string, string>()
    for (const name of [FIRST_YEAR, SECOND_YEAR]) {
      for (const row of await readCsv(await read(name), name)) {
        const purchase = readPurchase(row as unknown as Row)
        if (purchase === undefined) continue
        // The files overlap by nine days; the rows of the overlap are the same in both.
        if (name === FIRST_YEAR && (row[4] as string) >= SECOND_YEAR_START) continue
        rows.push(purchase)
        const title = (row[2] as string).trim()
        if (title !== '') titles.set(purchase.itemId, title)
      }
    }
    rows.sort((a, b) => a.timestampMs - b.timestampMs)
    const userIds = distinct(rows.map(({ userId }) => userId))
    const prices = new Map(rows.map(({ itemId, price }) => [itemId, price]))
    const items = distinct(rows.map(({ itemId }) => itemId)).map(
      (itemId): ItemRecord => ({ itemId, title: titles.get(itemId), price: prices.get(itemId) }),
    )
    const userRows = new Map(userIds.map((userId, row) => [userId, row]))
    const itemRows = new Map(items.map(({ itemId }, i) => [itemId, i + 1]))
    return createDataset({
      userIds,
      items,
      userRows: rows.map(({ userId }) => userRows.get(userId) as number),
      itemRows: rows.map(({ itemId }) => itemRows.get(itemId) as number),
      timestampMs: rows.map(({ timestampMs }) => timestampMs),
      quantities: rows.map(({ quantity }) => quantity),
      prices: rows.map(({ price }) => price),
      timeKind: 'timestamp',
      currency: 'GBP',
    })
  },
}

interface Purchase {
  readonly userId: string
  readonly itemId: string
  readonly timestampMs: number
  readonly quantity: number
  readonly price: number
}

function readPurchase(row: Row): Purchase | undefined {
  const [invoice, stockCode, , quantityText, localTime, priceText, userId] = row
  const quantity = Number(quantityText)
  const price = Number(priceText)
  const isSale = userId !== '' && !invoice.startsWith('C') && quantity > 0 && price > 0
  if (!isSale || !/^\d{5}/.test(stockCode)) return undefined
  return {
    userId,
    itemId: stockCode.toUpperCase(),
    timestampMs: Date.parse(`${localTime}Z`),
    quantity,
    price,
  }
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)].sort()
}
