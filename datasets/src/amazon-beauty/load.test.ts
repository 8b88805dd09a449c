import { describe, expect, test } from 'vitest'
import { findDatasetFolder } from '../dataset-folder.ts'
import { hasDataset, loadDataset } from '../load-dataset.ts'
import { openDatasetFiles } from '../open-dataset-files.ts'
import { amazonBeauty } from './load.ts'

describe('amazonBeauty', () => {
  test('repairs times that are missing or out of order and keeps the order of events', async ({
    skip,
  }) => {
    skip(
      !(await hasDataset('amazon-beauty')),
      `amazon-beauty is not in ${findDatasetFolder()}; set PERENNIAL_DATA`,
    )
    const { userIds, catalog, sequences } = await loadDataset('amazon-beauty')
    const { offsets, itemRows, timestampMs } = sequences
    const start = offsets[userIds.indexOf('13334')] as number
    // The file has no time at positions 3, 5 and 8.
    const seconds = [...Array(6).fill(1_343_692_800), ...Array(3).fill(1_343_779_200)]
    expect(Array.from(timestampMs.subarray(start, start + 9), (ms) => ms / 1000)).toEqual(seconds)
    expect(catalog.idOf(itemRows[start + 5] as number)).toBe('11980')
  }, 60_000)

  test('has no times and titles without the joined files', async ({ skip }) => {
    skip(
      !(await hasDataset('amazon-beauty')),
      `amazon-beauty is not in ${findDatasetFolder()}; set PERENNIAL_DATA`,
    )
    const { read } = await openDatasetFiles(amazonBeauty.facts, {})
    const { timeKind, catalog, sequences } = await amazonBeauty.load(read, async () => false)
    expect(timeKind).toBe('ordinal')
    expect(catalog.recordOf(1)).toEqual({ itemId: '1', categoryPath: [] })
    expect(sequences.itemRows.length).toBe(198_502)
  }, 60_000)
})
