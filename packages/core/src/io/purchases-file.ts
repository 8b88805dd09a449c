import { createHash } from 'node:crypto'
import {
  type Data,
  Float32,
  Int32,
  makeData,
  makeVector,
  Table,
  tableToIPC,
  Uint64,
} from 'apache-arrow'
import { RecommenderError } from '../errors.ts'
import type { SlicedWork } from '../run-in-slices.ts'
import { readFloats, STEP_ROWS } from './arrow-columns.ts'
import { parseArrow } from './events-file.ts'

/** Purchases in order of their day: what the state of a shop is rebuilt from. */
export interface Purchases {
  /** Key of each user row; see {@link customerKey}. */
  readonly userKeys: BigUint64Array
  /** By purchase, oldest day first. */
  readonly userRows: Int32Array
  readonly itemRows: Int32Array
  /** Days since 1970-01-01 UTC. */
  readonly days: Int32Array
  /** Price of one unit; NaN when unknown. */
  readonly prices: Float32Array
}

const COLUMNS = ['user_row', 'item_row', 'day', 'price'] as const

/** Returns what stands for a user in an artifact: 64 bits of the SHA-256 of the id, so that no id is in it. */
export function customerKey(userId: string): bigint {
  return createHash('sha256').update(userId).digest().readBigUInt64BE()
}

/** Encodes purchases as two Arrow IPC files: the purchases, and the keys of the users. */
export function encodePurchases({ userKeys, userRows, itemRows, days, prices }: Purchases): {
  readonly purchases: Uint8Array
  readonly customers: Uint8Array
} {
  const ints = (data: Int32Array): Data<Int32> =>
    makeData({ type: new Int32(), length: data.length, nullCount: 0, data })
  const keys = makeData({
    type: new Uint64(),
    length: userKeys.length,
    nullCount: 0,
    data: userKeys,
  })
  return {
    purchases: tableToIPC(
      new Table({
        user_row: makeVector(ints(userRows)),
        item_row: makeVector(ints(itemRows)),
        day: makeVector(ints(days)),
        price: makeVector(
          makeData({ type: new Float32(), length: prices.length, nullCount: 0, data: prices }),
        ),
      }),
      'file',
    ),
    customers: tableToIPC(new Table({ customer_key: makeVector(keys) }), 'file'),
  }
}

/**
 * Decodes what {@link encodePurchases} wrote, step by step.
 *
 * @throws {@link RecommenderError} `BAD_ARTIFACT` if a column is missing, or a row is of no user, item or later day.
 */
export function* decodePurchases(
  files: { readonly purchases: Uint8Array; readonly customers: Uint8Array },
  { path, numItems }: { readonly path: string; readonly numItems: number },
): SlicedWork<Purchases> {
  const table = parseArrow(files.purchases, path)
  const column = (name: (typeof COLUMNS)[number]): Int32Array => {
    const vector = table.getChild(name)
    if (vector === null) throw broken(path, `a column '${name}'`, 'none')
    return vector.toArray() as Int32Array
  }
  const keyColumn = parseArrow(files.customers, path).getChild('customer_key')
  const priceColumn = table.getChild('price')
  if (keyColumn === null || priceColumn === null)
    throw broken(path, "columns 'price' and 'customer_key'", 'one missing')
  const userKeys = keyColumn.toArray() as BigUint64Array
  const [userRows, itemRows, days] = [column('user_row'), column('item_row'), column('day')]
  for (let i = 0; i < userRows.length; i++) {
    const [user, item] = [userRows[i] as number, itemRows[i] as number]
    if (user < 0 || user >= userKeys.length || item < 1 || item > numItems)
      throw broken(path, `users and items of this artifact in row ${i}`, `${user} and ${item}`)
    if (i > 0 && (days[i] as number) < (days[i - 1] as number))
      throw broken(path, 'purchases in order of their day', `row ${i} earlier than the one before`)
    if (i % STEP_ROWS === 0) yield
  }
  return { userKeys, userRows, itemRows, days, prices: readFloats(priceColumn) }
}

function broken(path: string, expected: string, got: string): RecommenderError {
  return new RecommenderError('BAD_ARTIFACT', `Expected ${path} to hold ${expected}, got ${got}.`)
}
