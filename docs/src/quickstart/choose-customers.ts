import type { Dataset } from '@perennial/core'

/**
 * Returns three customers with events before a time whose histories differ in length: short, middling, long.
 *
 * They stand at the quarter, the half and the nine tenths of customers ordered by length, so the choice
 * looks at no result.
 */
export function chooseCustomers({ sequences }: Dataset, beforeMs: number): number[] {
  const lengths: { userRow: number; length: number }[] = []
  for (let u = 0; u < sequences.numUsers; u++) {
    const times = sequences.timestampMs.subarray(sequences.offsets[u], sequences.offsets[u + 1])
    const length = times.filter((time) => time < beforeMs).length
    if (length > 0) lengths.push({ userRow: u, length })
  }
  lengths.sort((a, b) => a.length - b.length || a.userRow - b.userRow)
  return [0.25, 0.5, 0.9].map(
    (share) => (lengths[Math.floor(share * lengths.length)] as { userRow: number }).userRow,
  )
}
