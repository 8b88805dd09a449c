import { writeFile } from 'node:fs/promises'

const FAVOURITES = ['coffee-beans', 'green-tea', 'honey', 'cat-food'] as const
const COMPANIONS = ['filter-paper', 'teapot', 'oat-biscuits', 'cat-litter'] as const
const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const NUM_CUSTOMERS = 48
const NUM_DAYS = 180

/**
 * Writes the orders of the 180 days before today, with a known answer, and returns the number of rows.
 *
 * Customer `n` buys favourite `n mod 4` every 14 days and its companion every 42 days; every 12th customer
 * also buys a gift card once. The last row is a cancellation.
 */
export async function writeSmallShop(path: string): Promise<number> {
  const startMs = Math.floor(Date.now() / DAY_MS - NUM_DAYS) * DAY_MS + 10 * HOUR_MS
  const rows: string[] = []
  const add = (
    customer: number,
    { itemId, day, price, order = '' }: Omit<Row, 'time'> & { readonly day: number },
  ): void => {
    const time = new Date(startMs + day * DAY_MS).toISOString().slice(0, 19).replace('T', ' ')
    rows.push(toLine(customer, { itemId, time, price, order: `${order}${day}` }))
  }
  for (let n = 0; n < NUM_CUSTOMERS; n++) {
    const kind = n % FAVOURITES.length
    for (let day = n % 14; day < NUM_DAYS; day += 14) {
      add(n, { itemId: FAVOURITES[kind] as string, day, price: 4 + kind })
      if (day % 42 < 14) add(n, { itemId: COMPANIONS[kind] as string, day, price: 9 })
    }
    if (n % 12 === 0) add(n, { itemId: 'gift-card', day: 100, price: 50 })
  }
  add(0, { itemId: 'honey', day: 20, price: 6, order: 'C' })
  const header = 'order_id,customer_id,sku,title,category,quantity,unit_price,ordered_at'
  await writeFile(path, `${[header, ...rows].join('\n')}\n`)
  return rows.length
}

interface Row {
  readonly itemId: string
  readonly time: string
  readonly price: number
  readonly order?: string
}

function toLine(customer: number, { itemId, time, price, order = '' }: Row): string {
  const title = itemId.replaceAll('-', ' ')
  const customerId = `C${String(customer).padStart(4, '0')}`
  return `${order}-${customer},${customerId},${itemId},${title},Pantry > ${title},1,${price},${time}`
}
