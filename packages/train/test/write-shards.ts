import { join } from 'node:path'
import {
  DATASET_FILES,
  type Dataset,
  type EventColumns,
  writeEventBatches,
  writeItemsFile,
} from '@perennial/core'

/** Writes a data set as the folder that `fitFromShards` reads, `batchRows` events a record batch. */
export async function writeShards(
  folder: string,
  { sequences, catalog, userIds }: Dataset,
  batchRows: number,
): Promise<void> {
  const { offsets, itemRows, timestampMs, quantities, prices } = sequences
  const records = Array.from({ length: catalog.numItems }, (_, i) => catalog.recordOf(i + 1))
  const userRows = new Int32Array(itemRows.length)
  for (let u = 0; u < sequences.numUsers; u++) userRows.fill(u, offsets[u], offsets[u + 1])
  const batches = function* (): Generator<EventColumns> {
    for (let start = 0; start < itemRows.length; start += batchRows) {
      const end = start + batchRows
      yield {
        userRows: userRows.subarray(start, end),
        itemRows: itemRows.subarray(start, end),
        timestampMs: timestampMs.subarray(start, end),
        quantities: quantities.subarray(start, end),
        prices: prices.subarray(start, end),
        eventTypes: new Uint8Array(userRows.subarray(start, end).length),
      }
    }
  }
  await writeEventBatches(
    join(folder, DATASET_FILES.events),
    {
      userIds,
      itemIds: ['', ...records.map(({ itemId }) => itemId)],
      eventTypeNames: ['purchase'],
      currency: null,
    },
    batches(),
  )
  await writeItemsFile(join(folder, DATASET_FILES.items), records)
}
