import { describe, expect, test } from 'vitest'
import { findDatasetFolder } from '../dataset-folder.ts'
import { hasDataset, loadDataset } from '../load-dataset.ts'
import { loadTafengKeyset, TAFENG_KEYSETS } from './load-keyset.ts'

describe('loadTafengKeyset', () => {
  test('divides the users of the data set', async ({ skip }) => {
    skip(
      !(await hasDataset('tafeng')),
      `tafeng is not in ${findDatasetFolder()}; set PERENNIAL_DATA`,
    )
    const { userIds } = await loadDataset('tafeng')
    const known = [...userIds].sort()
    for (const name of TAFENG_KEYSETS) {
      const { train, val, test: tested } = await loadTafengKeyset(name)
      expect([train.length, val.length, tested.length]).toEqual([9_977, 1_109, 2_772])
      expect([...train, ...val, ...tested].sort()).toEqual(known)
    }
  }, 60_000)

  test('reports a name that is not a division', async () => {
    await expect(loadTafengKeyset('mli_9')).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  })
})
