import { expect, test } from 'vitest'
import { insertTables, renderTables } from './render-tables.ts'

const run = {
  commit: 'abc',
  startedAt: '2026-01-01T00:00:00Z',
  machine: { cpu: 'Test', cores: 2, memoryGb: 8, node: 'v20' },
  loadAverage1m: 0.25,
  versions: {},
}

test('renderTables writes a figure with its circumstances', () => {
  const ingest = {
    ...run,
    rows: 2000,
    fileBytes: 5e8,
    numKept: 1990,
    seconds: 4.4,
    rowsPerSecond: 455,
    peakRssBytes: 2e8,
  }
  expect(renderTables({ ingest }).get('ingest')).toBe(
    [
      '| Rows | File | Time | Rows a second | Peak memory |',
      '| --- | ---: | ---: | ---: | ---: |',
      '| 2,000 | 0.50 GB | 4 s | 455 | 0.20 GB |',
      '',
      'Measured on 2 cores of Test, 8 GB, Node v20, load average 0.3 at the start, commit abc.',
    ].join('\n'),
  )
})

test('insertTables replaces the lines of its table and leaves the others', () => {
  const text =
    'a\n<!-- table: one -->\nold\n<!-- end of table -->\nb\n<!-- table: two -->\nkept\n<!-- end of table -->\n'
  expect(insertTables(text, new Map([['one', 'new']]))).toBe(
    'a\n<!-- table: one -->\n\nnew\n\n<!-- end of table -->\nb\n<!-- table: two -->\nkept\n<!-- end of table -->\n',
  )
})
