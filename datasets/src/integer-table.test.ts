import { describe, expect, test } from 'vitest'
import { parseIntegerTable } from './integer-table.ts'

describe('parseIntegerTable', () => {
  test('reads columns whatever separates them, with or without a last line feed', () => {
    const [first, second] = parseIntegerTable(Buffer.from('1 20\r\n3\t400\n5,6'), {
      numColumns: 2,
      fileName: 'pairs.txt',
    })
    expect(first).toEqual(Int32Array.of(1, 3, 5))
    expect(second).toEqual(Int32Array.of(20, 400, 6))
  })

  test('names the line that has another number of columns', () => {
    expect(() =>
      parseIntegerTable(Buffer.from('1 2\n3\n'), { numColumns: 2, fileName: 'pairs.txt' }),
    ).toThrow(
      expect.objectContaining({
        code: 'DATASET_MISMATCH',
        message: 'Expected 2 integers in line 2 of pairs.txt, got 1.',
      }),
    )
  })
})
