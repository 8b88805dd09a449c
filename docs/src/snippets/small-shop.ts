import { writeFile } from 'node:fs/promises'

const FAVOURITES = ['coffee-beans', 'green-tea', 'honey', 'cat-food'] as const
const COMPANIONS = ['filter-paper', 'teapot', 'oat-biscuits', 'cat-litter'] as const
const DAY_MS = 86_400_000
const START_MS = Date.UTC(2025, 7, 4, 10)
const NUM_CUSTOMERS = 48
const NUM_DAYS = 180

/**
 * Writes an `orders.csv` with a known answer, and returns its number of rows.
 *
 * Customer `n` buys favourite `n mod 4` every 14 days and its companion every 42 days; every 12th customer
 * also buys a gift card once. A row of each fortnight's end is cancelled.
 */
export async function writeSmallShop(path: string): Promise<number> {
  const rows: string[] = []
  for (let n = 0; n < NUM_CUSTOMERS; n++) {
    const kind = n % FAVOURITES.length
    for (let day = n % 14; day < NUM_DAYS; day += 14) {
      rows.push(toRow(n, { itemId: FAVOURITES[kind] as string, day, price: 4 + kind }))
      if (day % 42 < 14) rows.push(toRow(n, { itemId: COMPANIONS[kind] as string, day, price: 9 }))
    }
    if (n % 12 === 0) rows.push(toRow(n, { itemId: 'gift-card', day: 100, price: 50 }))
  }
  rows.push(toRow(0, { itemId: 'honey', day: 20, price: 6, order: 'C' }))
  const header = 'order_id,customer_id,sku,title,category,quantity,unit_price,ordered_at'
  await writeFile(path, `${[header, ...rows].join('\n')}\n`)
  return rows.length
}

function toRow(
  customer: number,
  {
    itemId,
    day,
    price,
    order = '',
  }: {
    readonly itemId: string
    readonly day: number
    readonly price: number
    readonly order?: string
  },
): string {
  const time = new Date(START_MS + day * DAY_MS).toISOString().slice(0, 19).replace('T', ' ')
  const title = itemId.replaceAll('-', ' ')
  const customerId = `C${String(customer).padStart(4, '0')}`
  return `${order}${day}${customerId},${customerId},${itemId},${title},Pantry > ${title},1,${price},${time}`
}
