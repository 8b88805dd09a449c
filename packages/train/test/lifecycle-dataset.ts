import { join } from 'node:path'
import {
  DATASET_FILES,
  type Dataset,
  ItemCatalog,
  writeEventsFile,
  writeItemsFile,
} from '@perennial/core'
import { buildDataset } from '@perennial/core/testing'

/** Days of {@link lifecycleDataset}: the test question is asked, the last event at the latest. */
export const TEST_DAY = 106
export const END_DAY = 120

/** Items of {@link lifecycleDataset} by when they are first bought; all others are bought from the start. */
export const LATE_ITEMS = { inTest: 21, inValidation: 22, never: 23 } as const

const NUM_REGULAR = 20

/**
 * Returns data of 80 users who each buy four items again and again, every item at its own interval of 6 to 14 days.
 *
 * @param after - Adds events `[itemRow, day]` to a user's; not before the user's last day.
 */
export function lifecycleDataset(
  after: (userRow: number) => readonly (readonly [itemRow: number, day: number])[] = () => [],
): Dataset {
  const users = Array.from({ length: 80 }, (_, u) => {
    const events: (readonly [number, number])[] = []
    for (let j = 0; j < 4; j++) {
      const itemRow = 1 + ((u * 7 + j * 5) % NUM_REGULAR)
      const interval = 6 + (itemRow % 9)
      for (let day = (u * 3 + j) % interval; day < END_DAY; day += interval)
        events.push([itemRow, day])
    }
    if (u < 5)
      events.push([LATE_ITEMS.inTest, TEST_DAY + u], [LATE_ITEMS.inValidation, TEST_DAY - 1])
    return [...events.sort((a, b) => a[1] - b[1]), ...after(u)]
  })
  const records = Array.from({ length: LATE_ITEMS.never }, (_, i) => ({
    itemId: `i${i + 1}`,
    title: `<script>alert(${i})</script>`,
    categoryPath: ['<script>', i % 2 === 0 ? 'odd' : 'even'],
  }))
  return { ...buildDataset(users, { numItems: records.length }), catalog: new ItemCatalog(records) }
}

/** Writes a data set as `perennial-train ingest` leaves it. */
export async function writeDataset(folder: string, dataset: Dataset): Promise<void> {
  const { sequences, catalog, userIds, currency } = dataset
  const records = Array.from({ length: catalog.numItems }, (_, i) => catalog.recordOf(i + 1))
  await writeEventsFile(join(folder, DATASET_FILES.events), {
    ...sequences,
    userIds,
    itemIds: ['', ...records.map(({ itemId }) => itemId)],
    eventTypeNames: ['purchase'],
    currency,
    userRows: Int32Array.from(
      userIds.flatMap((_, u) => {
        const length = (sequences.offsets[u + 1] as number) - (sequences.offsets[u] as number)
        return new Array<number>(length).fill(u)
      }),
    ),
    eventTypes: new Uint8Array(sequences.itemRows.length),
  })
  await writeItemsFile(join(folder, DATASET_FILES.items), records)
}
