import { addBytes, HASH_START } from '../data/hash-bytes.ts'
import { type StringColumn, stringAt } from '../data/string-column.ts'

/**
 * Marks the items whose title is known and among `titles`, or, with `wanted` false, not among them.
 *
 * @param flags - Shape `[numItems + 1]`, set to 1 for the items that meet it; the others stay.
 * @param column - Titles of the item rows `1..column.length`; rows after them have none.
 */
export function markTitles(
  flags: Uint8Array,
  column: StringColumn,
  { titles, wanted }: { readonly titles: ReadonlySet<string>; readonly wanted: boolean },
): void {
  const { bytes, offsets, validity } = column
  const lengths = new Set<number>()
  const hashes = new Set<number>()
  for (const title of titles) {
    const key = Buffer.from(title)
    lengths.add(key.length)
    hashes.add(addBytes(HASH_START, key, { start: 0, end: key.length }))
  }
  // A title is made a string where length and hash fit only: a million strings take a third of a second.
  const isAmong = (i: number): boolean => {
    const start = offsets[i] as number
    const end = offsets[i + 1] as number
    return (
      lengths.has(end - start) &&
      hashes.has(addBytes(HASH_START, bytes, { start, end })) &&
      titles.has(stringAt(column, i) as string)
    )
  }
  for (let i = 0; i < column.length; i++) {
    if (validity !== undefined && (((validity[i >> 3] as number) >> (i & 7)) & 1) === 0) continue
    if (isAmong(i) === wanted) flags[i + 1] = 1
  }
}
