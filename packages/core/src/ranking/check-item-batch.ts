import { type AttributeColumn, createColumn, kindOf } from './attribute-column.ts'
import type { ItemAttributes } from './item-attributes.ts'
import { checkAttributeKinds, type ItemChanges } from './item-changes.ts'

/**
 * Checks that the attributes of a batch are of the kinds that the catalogue, or an earlier item of the batch, knows them
 * as, so that the batch can be taken over whole.
 *
 * @param path - Where the batch stands, for messages, such as `items`.
 * @throws {@link RecommenderError} `INVALID_INPUT` naming item and attribute.
 */
export function checkItemBatch(
  attributes: ItemAttributes,
  batch: readonly ItemChanges[],
  path: string,
): void {
  const columns = new Map<string, AttributeColumn>()
  for (const name of attributes.fieldNames) {
    const column = attributes.columnOf(name)
    if (column !== undefined) columns.set(name, column)
  }
  batch.forEach(({ attributes: given = {} }, i) => {
    checkAttributeKinds(given, columns, `${path}[${i}].attributes`)
    for (const [name, value] of Object.entries(given))
      if (value !== null && !columns.has(name)) columns.set(name, createColumn(kindOf(value), 0))
  })
}
