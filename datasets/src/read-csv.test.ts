import { describe, expect, test } from 'vitest'
import { readCsv } from './read-csv.ts'

describe('readCsv', () => {
  test('unquotes values and keeps the order of rows', async () => {
    const text = 'a,b\r\n1,plain\r\n2,"with, comma"\n3,"7"" disc"\n\n4,\n'
    expect(await readCsv(Buffer.from(text), 'rows.csv')).toEqual([
      ['1', 'plain'],
      ['2', 'with, comma'],
      ['3', '7" disc'],
      ['4', ''],
    ])
  })

  test('refuses a value that spans lines', async () => {
    const text = 'a,b\n1,"two\nlines"\n'
    await expect(readCsv(Buffer.from(text), 'rows.csv')).rejects.toMatchObject({
      code: 'DATASET_MISMATCH',
    })
  })
})
