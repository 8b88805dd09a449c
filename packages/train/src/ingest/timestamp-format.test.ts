import { describe, expect, test } from 'vitest'
import { guessTimestampFormat } from './timestamp-format.ts'

describe('guessTimestampFormat', () => {
  test.each([
    [['2024-05-01', '2024-05-02'], 'iso'],
    [['2024-05-01T10:00:00+02:00'], 'iso'],
    [['1700000000'], 'epoch-s'],
    [['1700000000000'], 'epoch-ms'],
    [['20240501'], 'yyyyMMdd'],
    [['2024/5/1 9:05'], 'yyyy/M/d H:mm'],
    [['3.4.2011 10:00:30'], 'd.M.yyyy H:mm:ss'],
    [['3/4/2011', '13/4/2011'], 'd/M/yyyy'],
    [['3/4/2011 1:05 PM', '3/14/2011 1:05 PM'], 'M/d/yyyy h:mm a'],
    [['2024-05-01', '2024-05-02', 'soon'], 'iso'],
  ])('finds the format of %o', (texts, format) => {
    expect(guessTimestampFormat(texts)).toEqual({ kind: 'found', format })
  })

  test('does not choose between day and month', () => {
    const formats = ['d-M-yyyy H:mm', 'M-d-yyyy H:mm']
    expect(guessTimestampFormat(['03-04-2011 10:00'])).toEqual({
      kind: 'ambiguous',
      formats,
      at: 0,
    })
    expect(guessTimestampFormat(['13-04-2011 10:00', '04-13-2011 10:00'])).toMatchObject({
      kind: 'ambiguous',
    })
  })

  test('gives the place of a time that it does not know', () => {
    expect(guessTimestampFormat(['2024-05-01', 'soon', 'later'])).toEqual({
      kind: 'unknown',
      at: 1,
    })
  })
})
