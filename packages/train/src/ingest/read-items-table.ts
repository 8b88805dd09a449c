import { RecommenderError } from '@perennial/core'
import { COLUMN_FLAGS, type ColumnRole, positionOf, resolveMapping } from './column-mapping.ts'
import type { IngestConfig } from './ingest-options.ts'
import type { ItemDetails } from './item-records.ts'
import { createNumberParser } from './number-parser.ts'
import { openRowSource } from './open-row-source.ts'

const ITEM_ROLES: readonly ColumnRole[] = ['itemId', 'title', 'categoryPath', 'price']

/**
 * Reads the items file. Of an item listed twice the last row holds.
 *
 * @throws {@link RecommenderError} `INVALID_INPUT` at the first row that cannot be read: a catalogue is
 * short enough to be repaired.
 */
export async function readItemsTable(
  file: string,
  config: IngestConfig,
  signal?: AbortSignal,
): Promise<Map<string, ItemDetails>> {
  const { encoding, delimiter, itemsMapping, decimal, normalizeItemIds } = config
  const source = await openRowSource(file, { encoding, delimiter, signal })
  const mapping = resolveMapping(source.columns, {
    file,
    config: itemsMapping,
    roles: ITEM_ROLES,
    required: ['itemId'],
  })
  const [idAt, titleAt, categoryAt, priceAt] = ITEM_ROLES.map((role) =>
    positionOf(source.columns, mapping, role),
  ) as [number, number, number, number]
  const parseNumber = createNumberParser(decimal)
  const fail = (row: number, problem: string): never => {
    throw new RecommenderError('INVALID_INPUT', `${file}, line ${row}: ${problem}`)
  }
  const details = new Map<string, ItemDetails>()
  const needed = [idAt, titleAt, categoryAt, priceAt].filter((at) => at >= 0)
  for await (const { rows, rowNumbers, broken } of source.readBatches(needed)) {
    if (broken[0] !== undefined)
      fail(broken[0].row, `the row cannot be parsed ('${broken[0].value}').`)
    rows.forEach((values, i) => {
      const row = rowNumbers[i] as number
      if (values.length !== source.columns.length) {
        fail(
          row,
          `expected ${source.columns.length} values as in the header, got ${values.length}.`,
        )
      }
      const read = (at: number): string => (at < 0 ? '' : (values[at] as string).trim())
      const itemId = normalizeItemIds === 'upper' ? read(idAt).toUpperCase() : read(idAt)
      if (itemId === '') fail(row, `column '${source.columns[idAt]}' holds no item id.`)
      const price = read(priceAt) === '' ? Number.NaN : parseNumber(read(priceAt))
      if (read(priceAt) !== '' && !(price >= 0)) {
        fail(
          row,
          `column '${source.columns[priceAt]}' holds '${read(priceAt)}', which is no price. Mend it, or say what a comma means with --decimal; ${COLUMN_FLAGS.price} does not apply to the items file.`,
        )
      }
      details.set(itemId, { title: read(titleAt), category: read(categoryAt), price })
    })
  }
  return details
}
