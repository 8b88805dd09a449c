import { Float32, Int32, makeData, makeVector, Table, tableToIPC } from 'apache-arrow'
import { RecommenderError } from '../errors.ts'
import { checkLinksInSteps, type ItemLinks } from '../lifecycle/item-links.ts'
import type { SlicedWork } from '../run-in-slices.ts'
import { STEP_ROWS } from './arrow-columns.ts'
import { parseArrow } from './events-file.ts'

/** Encodes links as an Arrow IPC file, one row a link: `from_row`, `item_row`, `weight`. */
export function encodeLinks({ numItems, offsets, itemRows, weights }: ItemLinks): Uint8Array {
  const fromRows = new Int32Array(itemRows.length)
  for (let i = 1; i <= numItems; i++) fromRows.fill(i, offsets[i], offsets[i + 1])
  const shape = { length: itemRows.length, nullCount: 0 }
  return tableToIPC(
    new Table({
      from_row: makeVector(makeData({ ...shape, type: new Int32(), data: fromRows })),
      item_row: makeVector(makeData({ ...shape, type: new Int32(), data: itemRows })),
      weight: makeVector(makeData({ ...shape, type: new Float32(), data: weights })),
    }),
    'file',
  )
}

/**
 * Decodes what {@link encodeLinks} wrote, step by step.
 *
 * @throws {@link RecommenderError} `BAD_ARTIFACT` if a column is missing, or a link is of no item or out of order.
 */
export function* decodeLinks(
  bytes: Uint8Array,
  { path, numItems }: { readonly path: string; readonly numItems: number },
): SlicedWork<ItemLinks> {
  const table = parseArrow(bytes, path)
  const [from, to, weight] = ['from_row', 'item_row', 'weight'].map((name) => table.getChild(name))
  if (!from || !to || !weight) {
    throw new RecommenderError(
      'BAD_ARTIFACT',
      `Expected ${path} to have the columns from_row, item_row and weight, got ${table.schema.fields.map(({ name }) => name).join(', ')}.`,
    )
  }
  const fromRows = from.toArray() as Int32Array
  const offsets = new Int32Array(numItems + 2)
  for (let i = 0; i < fromRows.length; i++) {
    const row = fromRows[i] as number
    if (row >= 1 && row <= numItems) offsets[row + 1] = (offsets[row + 1] as number) + 1
    if (i % STEP_ROWS === 0) yield
  }
  for (let i = 1; i < offsets.length; i++)
    offsets[i] = (offsets[i] as number) + (offsets[i - 1] as number)
  const links: ItemLinks = {
    numItems,
    offsets,
    itemRows: to.toArray() as Int32Array,
    weights: weight.toArray() as Float32Array,
  }
  try {
    yield* checkLinksInSteps(links)
  } catch (cause) {
    throw new RecommenderError('BAD_ARTIFACT', `${(cause as Error).message} In ${path}.`, { cause })
  }
  return links
}
