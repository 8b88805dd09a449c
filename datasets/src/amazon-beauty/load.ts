import { type ItemRecord, RecommenderError } from '@perennial/core'
import { createDataset } from '../create-dataset.ts'
import type { DatasetSource } from '../dataset-facts.ts'
import { amazonBeautyFacts } from './facts.ts'

const SEQUENCES = 'beauty.s3rec.txt'
const INTERACTIONS = 'beauty_interactions.csv'
const LABELS = 'beauty_asin_phrase.txt'

/** Amazon Beauty: user row `r` is id `r + 1`, item row `r` is id `r`, events in the order of the S3-Rec file. */
export const amazonBeauty: DatasetSource = {
  facts: amazonBeautyFacts,
  load: async (read, has) => {
    const userIds: string[] = []
    const userRows: number[] = []
    const itemRows: number[] = []
    for (const line of linesOf(await read(SEQUENCES))) {
      const [userId, ...itemIds] = line.split(' ') as [string, ...string[]]
      for (const itemId of itemIds) {
        userRows.push(userIds.length)
        itemRows.push(Number(itemId))
      }
      userIds.push(userId)
    }
    const rows = (await has(INTERACTIONS)) ? linesOf(await read(INTERACTIONS)).slice(1) : undefined
    const interactions = rows?.map((line) => line.split(','))
    if (interactions !== undefined) checkAligned(interactions, userRows, itemRows)
    const labels =
      interactions !== undefined && (await has(LABELS)) ? linesOf(await read(LABELS)) : []
    return createDataset({
      userIds,
      items: buildItems(interactions, labels),
      userRows,
      itemRows,
      ...(interactions === undefined
        ? { timeKind: 'ordinal' }
        : { timeKind: 'timestamp', timestampMs: repairTimes(interactions, userRows) }),
    })
  },
}

/** Interactions have the columns user_id, item_id, position, reviewer_id, asin, unix_time. */
type Interactions = readonly (readonly string[])[]

/**
 * Returns times in milliseconds that never decrease within a user, in the file's order.
 *
 * A time that is missing or earlier than the one before becomes the one before; every user's first is known.
 */
function repairTimes(interactions: Interactions, userRows: readonly number[]): Float64Array {
  const timestampMs = Float64Array.from(interactions, (row) =>
    row[5] === '' ? Number.NaN : Number(row[5]) * 1000,
  )
  for (let i = 1; i < timestampMs.length; i++) {
    const before = timestampMs[i - 1] as number
    if (userRows[i] === userRows[i - 1] && !((timestampMs[i] as number) >= before)) {
      timestampMs[i] = before
    }
  }
  return timestampMs
}

function buildItems(
  interactions: Interactions | undefined,
  labels: readonly string[],
): ItemRecord[] {
  const labelOf = new Map(
    labels.map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]),
  )
  const items = Array.from(
    { length: amazonBeautyFacts.counts.items },
    (_, i): ItemRecord => ({ itemId: String(i + 1) }),
  )
  for (const [, itemId, , , asin] of interactions ?? []) {
    const title = labelOf.get(asin as string)
    if (title !== undefined) items[Number(itemId) - 1] = { itemId: itemId as string, title }
  }
  return items
}

function checkAligned(
  interactions: Interactions,
  userRows: readonly number[],
  itemRows: readonly number[],
): void {
  for (let i = 0; i < Math.max(interactions.length, itemRows.length); i++) {
    const [userId, itemId] = interactions[i] ?? []
    if (Number(userId) - 1 === userRows[i] && Number(itemId) === itemRows[i]) continue
    throw new RecommenderError(
      'DATASET_MISMATCH',
      `Expected line ${i + 2} of ${INTERACTIONS} to be event ${i} of ${SEQUENCES}, got user ${userId} item ${itemId}.`,
    )
  }
}

function linesOf(content: Buffer): string[] {
  return content
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
}
