import { join } from 'node:path'
import {
  createRng,
  DATASET_FILES,
  DAY_MS,
  type EventColumns,
  shuffle,
  writeEventBatches,
  writeItemsFile,
} from '@perennial/core'
import { createZipf } from '../zipf.ts'

/** How much to generate. */
export interface ScaleSize {
  readonly numUsers: number
  readonly numItems: number
  readonly numEvents: number
}

const START_MS = Date.UTC(2024, 0, 1)
const SPAN_MS = 2 * 365 * DAY_MS
/** As `ingest` writes them. */
const BATCH_ROWS = 1 << 18

/**
 * Writes a data set folder of purchases drawn at random, a record batch at a time: items by Zipf's law, their rows in
 * random order; log-normal numbers of events a user (deviation of the logarithm 1), of exactly `numEvents` in all;
 * times uniform over two years.
 */
export async function writeScaleData(
  folder: string,
  {
    seed,
    onProgress,
    ...size
  }: ScaleSize & {
    readonly seed: number
    readonly onProgress?: ((numEvents: number) => void) | undefined
  },
): Promise<void> {
  const { numUsers, numItems } = size
  const itemIds = Array.from({ length: numItems }, (_, i) => `item-${i + 1}`)
  await writeEventBatches(
    join(folder, DATASET_FILES.events),
    {
      userIds: Array.from({ length: numUsers }, (_, u) => `customer-${u}`),
      itemIds: ['', ...itemIds],
      eventTypeNames: ['purchase'],
      currency: null,
    },
    generateBatches(size, { seed, onProgress }),
  )
  await writeItemsFile(
    join(folder, DATASET_FILES.items),
    itemIds.map((itemId) => ({ itemId })),
  )
}

/** Yields the events of {@link writeScaleData}; users go on from one batch into the next. */
export function* generateBatches(
  { numUsers, numItems, numEvents }: ScaleSize,
  {
    seed,
    onProgress,
    batchRows = BATCH_ROWS,
  }: {
    readonly seed: number
    readonly onProgress?: ((numEvents: number) => void) | undefined
    readonly batchRows?: number | undefined
  },
): Generator<EventColumns> {
  const rng = createRng(seed, 0x7363616c)
  const drawRank = createZipf(numItems, { rng })
  const rowOfRank = shuffle(
    Int32Array.from({ length: numItems }, (_, i) => i + 1),
    rng,
  )
  const ends = drawEnds(numUsers, { numEvents, seed })
  let user = 0
  let times = new Float64Array()
  let done = 0
  for (let start = 0; start < numEvents; start += batchRows) {
    const length = Math.min(batchRows, numEvents - start)
    const userRows = new Int32Array(length)
    const itemRows = new Int32Array(length)
    const timestampMs = new Float64Array(length)
    for (let i = 0; i < length; i++) {
      while (done === times.length) {
        const count = (ends[user] as number) - (user === 0 ? 0 : (ends[user - 1] as number))
        times = Float64Array.from({ length: count }, () => START_MS + rng.nextInt(SPAN_MS)).sort()
        user++
        done = 0
      }
      userRows[i] = user - 1
      itemRows[i] = rowOfRank[drawRank()] as number
      timestampMs[i] = times[done++] as number
    }
    yield {
      userRows,
      itemRows,
      timestampMs,
      quantities: new Float32Array(length).fill(1),
      prices: new Float32Array(length).fill(Number.NaN),
      eventTypes: new Uint8Array(length),
    }
    onProgress?.(start + length)
  }
}

/** Returns the number of events up to each user's last: shares are log-normal, the sum is exact. */
function drawEnds(
  numUsers: number,
  { numEvents, seed }: { readonly numEvents: number; readonly seed: number },
): Float64Array {
  const rng = createRng(seed, 0x75736572)
  const ends = new Float64Array(numUsers)
  let sum = 0
  for (let u = 0; u < numUsers; u++) {
    sum += Math.exp(rng.nextNormal())
    ends[u] = sum
  }
  return ends.map((end) => Math.round((numEvents * end) / sum))
}
