import { createRng } from '@perennial/core'
import { parseString } from 'fast-csv'
import { describe, expect, test } from 'vitest'
import { readCsvRecords } from './csv-records.ts'
import type { BrokenRow } from './row-source.ts'

interface Read {
  readonly rows: string[][]
  readonly rowNumbers: number[]
  readonly broken: BrokenRow[]
}

/** Reads text in blocks of some lines each. */
async function read(text: string, blockLines: number, numColumns: number): Promise<Read> {
  async function* blocks() {
    const lines = text.split('\n').slice(0, -1)
    for (let at = 0; at < lines.length; at += blockLines) {
      const part = lines.slice(at, at + blockLines)
      yield { text: part.map((line) => `${line}\n`).join(''), firstLine: at + 1 }
    }
  }
  const all: Read = { rows: [], rowNumbers: [], broken: [] }
  for await (const batch of readCsvRecords(blocks(), { delimiter: ',', numColumns })) {
    all.rows.push(...batch.rows.map((row) => [...row]))
    all.rowNumbers.push(...batch.rowNumbers)
    all.broken.push(...batch.broken)
  }
  return all
}

describe('readCsvRecords', () => {
  test('gives the values of fast-csv for well-formed files, whatever the blocks', async () => {
    const rng = createRng(5)
    const values = [
      '',
      'a',
      'b c',
      ' x ',
      '"q"',
      '"a,b"',
      '"say ""hi"""',
      '"two\nlines"',
      '12" ruler',
      "it's",
    ]
    const rows = Array.from({ length: 300 }, () =>
      Array.from({ length: 3 }, () => values[rng.nextInt(values.length)]).join(','),
    ).filter((row) => row !== ',,')
    const text = `${rows.join('\n')}\n`
    const expected = await parseString(text, { headers: false }).toArray()
    for (const blockLines of [1, 7, 1000]) {
      const { rows, broken } = await read(text, blockLines, 3)
      expect(rows).toEqual(expected)
      expect(broken).toEqual([])
    }
  })

  test('numbers rows by the line on which they start', async () => {
    const text = 'a,b\n\n"x\ny\nz",1\n\nc,d\n"e",f\n'
    const { rows, rowNumbers } = await read(text, 2, 2)
    expect(rows).toEqual([
      ['a', 'b'],
      ['x\ny\nz', '1'],
      ['c', 'd'],
      ['e', 'f'],
    ])
    expect(rowNumbers).toEqual([1, 3, 7, 8])
  })

  test('breaks only the line with the stray quote', async () => {
    const lines = Array.from({ length: 50 }, (_, i) => `${i},v`)
    lines[3] = '"3,v'
    lines[10] = '"10 "x",v'
    lines[20] = '"20\nv",w'
    lines[30] = '"30" y,v'
    for (const blockLines of [1, 6, 1000]) {
      const { rows, rowNumbers, broken } = await read(`${lines.join('\n')}\n`, blockLines, 2)
      expect(broken.map(({ row }) => row).sort((a, b) => a - b)).toEqual([4, 11, 32])
      expect(rows).toHaveLength(47)
      expect(rows[rowNumbers.indexOf(21)]).toEqual(['20\nv', 'w'])
      expect(rows.at(-1)).toEqual(['49', 'v'])
      expect(rowNumbers.at(-1)).toBe(51)
    }
  })

  test('gives up on a quote after a thousand lines and loses none of them', async () => {
    const lines = ['"open,v', ...Array.from({ length: 2500 }, (_, i) => `${i},v`)]
    const { rows, broken } = await read(`${lines.join('\n')}\n`, 300, 2)
    expect(broken).toEqual([{ row: 1, reason: 'brokenQuotes', column: null, value: '"open,v' }])
    expect(rows).toHaveLength(2500)
  })
})
