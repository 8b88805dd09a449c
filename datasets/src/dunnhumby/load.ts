import { DAY_MS, type ItemRecord } from '@perennial/core'
import { createDataset } from '../create-dataset.ts'
import type { DatasetSource } from '../dataset-facts.ts'
import { parseIntegerTable } from '../integer-table.ts'
import { readCsv } from '../read-csv.ts'
import { dunnhumbyFacts } from './facts.ts'

const BASKETS = 'recanet_train_first79days.csv'
const PRODUCTS = 'products.csv'

/** Dunnhumby: users and items in ascending order of their ids; day `d` is `d` days after 1970-01-01. */
export const dunnhumby: DatasetSource = {
  facts: dunnhumbyFacts,
  load: async (read, has) => {
    const content = await read(BASKETS)
    const [days, , households, products] = parseIntegerTable(
      content.subarray(content.indexOf('\n') + 1),
      { numColumns: 4, fileName: BASKETS },
    ) as [Int32Array, Int32Array, Int32Array, Int32Array]
    const users = [...new Set(households)].sort((a, b) => a - b)
    const items = [...new Set(products)].sort((a, b) => a - b)
    const userRows = new Map(users.map((user, row) => [user, row]))
    const itemRows = new Map(items.map((item, i) => [item, i + 1]))
    const known = (await has(PRODUCTS)) ? await readProducts(await read(PRODUCTS)) : new Map()
    const order = Int32Array.from(days.keys()).sort(
      (a, b) => (days[a] as number) - (days[b] as number) || a - b,
    )
    return createDataset({
      userIds: users.map(String),
      items: items.map((item) => known.get(String(item)) ?? { itemId: String(item) }),
      userRows: order.map((i) => userRows.get(households[i] as number) as number),
      itemRows: order.map((i) => itemRows.get(products[i] as number) as number),
      timestampMs: Float64Array.from(order, (i) => (days[i] as number) * DAY_MS),
      timeKind: 'timestamp',
    })
  },
}

/** Reads products by id. The columns are product_id, manufacturer_id, department, brand, product_category, product_type, package_size. */
async function readProducts(content: Buffer): Promise<Map<string, ItemRecord>> {
  const products = new Map<string, ItemRecord>()
  for (const row of await readCsv(content, PRODUCTS)) {
    const [itemId, , department, , category, type, size] = row as [string, ...string[]]
    const title = [type, size].filter((part) => part !== '').join(', ')
    products.set(itemId, {
      itemId,
      ...(title === '' ? {} : { title }),
      categoryPath: [department, category, type].filter((level) => level) as string[],
    })
  }
  return products
}
