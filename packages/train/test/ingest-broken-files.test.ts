import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import iconv from 'iconv-lite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ingest } from '../src/ingest/ingest.ts'
import type { IngestSettings } from '../src/ingest/ingest-options.ts'
import type { RowReason } from '../src/ingest/row-reasons.ts'

const HEADER = 'customer_id,sku,ordered_at,quantity,price'
const GOOD_ROWS = Array.from(
  { length: 9 },
  (_, i) => `c${i},s${i},2024-05-0${i + 1}T10:00:00Z,${i + 1},2.50`,
)
const GOOD = [HEADER, ...GOOD_ROWS, ''].join('\n')

/** The rows with another clock format, to be spoiled at line 3. */
function withTimes(times: readonly string[]): string {
  return [HEADER, ...times.map((time, i) => `c${i},s${i},${time},1,2.50`)].join('\n')
}

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perennial-broken-'))
})
afterAll(() => rm(folder, { recursive: true }))

interface BrokenFile {
  readonly kind: string
  readonly name?: string
  /** `null` for a file that is not there. */
  readonly content: string | Buffer | null
  readonly settings?: IngestSettings
  readonly code?: string
  /** What the message says of file, row, column and the way out. */
  readonly says: readonly string[]
}

const STOPPING: readonly BrokenFile[] = [
  { kind: 'a missing file', content: null, says: ['no such file', 'Check the path'] },
  { kind: 'an empty file', content: '', says: ['is empty', 'Export it again'] },
  { kind: 'blank lines only', content: '\n\n  \n', says: ['holds no text', 'Export it again'] },
  { kind: 'a header without rows', content: `${HEADER}\n`, says: ['no row below', 'Export'] },
  {
    kind: 'no header',
    content: GOOD_ROWS.join('\n'),
    says: ['line 1', 'looks like data', 'add a header line'],
  },
  {
    kind: 'a column name that occurs twice',
    content: GOOD.replace('quantity', 'sku'),
    says: ['line 1', "'sku', 'sku'", '--item-column'],
  },
  {
    kind: 'a named column that occurs twice',
    content: GOOD.replace('quantity', 'sku'),
    settings: { mapping: { itemId: 'sku' } },
    says: ['line 1', "'sku' occurs 2 times", 'Rename'],
  },
  {
    kind: 'a missing required column',
    content: GOOD.replace('sku', 'thing'),
    says: ['line 1', 'itemId', "'thing'", '--item-column'],
  },
  {
    kind: 'two columns that fit one meaning',
    content: GOOD.replace('quantity', 'user_id'),
    says: ['line 1', "'customer_id', 'user_id'", '--user-column'],
  },
  {
    kind: 'a mapping to an absent column',
    content: GOOD,
    settings: { mapping: { price: 'cost' } },
    says: ['line 1', '--price-column', "'cost' is not in the header", "'sku'"],
  },
  {
    kind: 'a delimiter that the file does not use',
    content: GOOD,
    settings: { delimiter: ';' },
    says: ['line 1', 'Only one column', '--delimiter'],
  },
  {
    kind: 'a header with an open quote',
    content: GOOD.replace('price', '"price'),
    says: ['line 1', 'quotes in the header', 'on one line'],
  },
  {
    kind: 'an Excel workbook named .csv',
    content: Buffer.from('PK\u0003\u0004\u0000\u0000xl/workbook.xml'),
    says: ['.xlsx', 'Export the sheet as CSV'],
  },
  {
    kind: 'binary content',
    content: `${HEADER}\nc1,s1\u0000`,
    says: ['line 2', 'is zero', '--encoding utf-16le'],
  },
  {
    kind: 'UTF-16 without a byte order mark',
    content: iconv.encode(GOOD, 'utf-16le'),
    says: ['line 1', '--encoding utf-16le'],
  },
  {
    kind: 'bytes that are not UTF-8',
    content: iconv.encode(GOOD.replace('s2', 'Grün'), 'latin1'),
    says: ['line 4, character 6', "after 'c2,Gr'", 'FC6E', '--encoding gbk', '--encoding latin1'],
  },
  {
    kind: 'bytes that are not of the named encoding',
    content: Buffer.from(GOOD.replace('s2', '\u00ff\u00ff2'), 'latin1'),
    settings: { encoding: 'gbk' },
    says: ['line 4, character 4', "after 'c2,'", 'are not gbk', '--encoding'],
  },
  {
    kind: 'an unknown encoding',
    content: GOOD,
    settings: { encoding: 'latin-17' },
    code: 'INVALID_OPTION',
    says: ['--encoding', "'latin-17'", 'gbk or latin1'],
  },
  {
    kind: 'a gzip file that is cut off',
    name: 'cut.csv.gz',
    content: gzipSync(GOOD).subarray(0, -20),
    says: ['cut off', 'Copy or export it again'],
  },
  {
    kind: 'a name in .gz without gzip content',
    name: 'plain.csv.gz',
    content: GOOD,
    says: ['is not gzip', 'Rename'],
  },
  {
    kind: 'days and months that cannot be told apart',
    content: withTimes(['03/04/2011 10:00', '05/06/2011 10:00']),
    settings: { timeZone: 'UTC' },
    says: ['line 2', "'ordered_at'", '03/04/2011', '--timestamp-format "d/M/yyyy H:mm"'],
  },
  {
    kind: 'times of no known format',
    content: withTimes(['3rd of May', '4th of May']),
    says: ['line 2', "'ordered_at'", '3rd of May', '--timestamp-format'],
  },
  {
    kind: 'local times without a zone',
    content: withTimes(['2024-05-01 10:00', '2024-05-02 10:00']),
    code: 'INVALID_OPTION',
    says: ['line 2', "'ordered_at'", '2024-05-01 10:00', '--time-zone Europe/London'],
  },
  {
    kind: 'an unknown time zone',
    content: GOOD,
    settings: { timeZone: 'Europe/Londen' },
    code: 'INVALID_OPTION',
    says: ['--time-zone', "'Europe/Londen'", 'IANA'],
  },
  {
    kind: 'rows that are all unreadable',
    content: GOOD.replaceAll('2.50', 'cheap'),
    code: 'TOO_MANY_BAD_ROWS',
    says: ['9 of 9 rows', 'line 2', "'price'", 'cheap', '--max-bad-share'],
  },
  {
    kind: 'too many unreadable rows',
    content: GOOD.replaceAll(/,([1-3]),2.50/g, ',$1,cheap'),
    code: 'TOO_MANY_BAD_ROWS',
    says: ['3 of 9 rows', 'line 2', "'price'", 'share of 0.2', '--max-bad-share'],
  },
  {
    kind: 'rows that rules leave out, all of them',
    content: GOOD,
    settings: { minDate: '2025-01-01' },
    says: ['None of the 9 rows', 'line 2', "'ordered_at'", '--min-date'],
  },
  {
    kind: 'JSON Lines that are no objects',
    name: 'list.jsonl',
    content: '[1, 2]\n[3, 4]\n',
    says: ['line 1', '[1, 2]', '--format csv'],
  },
  {
    kind: 'a broken Parquet file',
    name: 'broken.parquet',
    content: Buffer.from('PAR1 and nothing that follows PAR1'),
    says: ['footer', 'Export the Parquet file again'],
  },
]

describe('ingest of a file that cannot be read', () => {
  test.each(STOPPING)('stops on $kind', async ({ kind, name, content, settings, code, says }) => {
    const file = join(folder, name ?? `${kind.replaceAll(/[^a-z]+/gi, '-')}.csv`)
    if (content !== null) await writeFile(file, content)
    const output = `${file}.out`
    const failure = ingest({ ...settings, inputs: [file], output })
    const error = await failure.then(
      () => expect.fail('nothing was wrong'),
      (thrown: Error) => thrown,
    )
    expect(error).toMatchObject({ name: 'RecommenderError', code: code ?? 'INVALID_INPUT' })
    if (code !== 'INVALID_OPTION' || says.includes('line 2')) expect(error.message).toContain(file)
    for (const part of says) expect(error.message).toContain(part)
    expect(await readdir(folder)).not.toContain(basename(output))
  })
})

interface BrokenRowCase {
  readonly kind: string
  /** Replaces line 3. */
  readonly line: string
  readonly reason: RowReason
  readonly column: string | null
  readonly value: string
  readonly wayOut: string
  readonly settings?: IngestSettings
}

const time = '2024-05-02T10:00:00Z'
const COUNTED: readonly BrokenRowCase[] = [
  {
    kind: 'too few values',
    line: `c1,s1,${time},2`,
    reason: 'fieldCount',
    column: null,
    value: `c1,s1,${time},2`,
    wayOut: '--delimiter',
  },
  {
    kind: 'too many values',
    line: `c1,s1,${time},2,2.50,extra`,
    reason: 'fieldCount',
    column: null,
    value: `c1,s1,${time},2,2.50,extra`,
    wayOut: 'in quotes',
  },
  {
    kind: 'a quote that is never closed',
    line: `c1,"s1,${time},2,2.50`,
    reason: 'brokenQuotes',
    column: null,
    value: `c1,"s1,${time},2,2.50`,
    wayOut: 'close every quoted value',
  },
  {
    kind: 'a stray quote inside a quoted value',
    line: `c1,"12" ruler",${time},2,2.50`,
    reason: 'brokenQuotes',
    column: null,
    value: `c1,"12" ruler",${time},2,2.50`,
    wayOut: 'twice ("")',
  },
  {
    kind: 'a quantity in words',
    line: `c1,s1,${time},two,2.50`,
    reason: 'quantityUnreadable',
    column: 'quantity',
    value: 'two',
    wayOut: '--quantity-column none',
  },
  {
    kind: 'a price with its currency sign',
    line: `c1,s1,${time},2,£2.50`,
    reason: 'priceUnreadable',
    column: 'price',
    value: '£2.50',
    wayOut: 'take out currency signs',
  },
  {
    kind: 'a decimal comma',
    line: `c1,s1,${time},2,"2,50"`,
    reason: 'priceUnreadable',
    column: 'price',
    value: '2,50',
    wayOut: '--decimal ","',
  },
  {
    kind: 'a thousands separator',
    line: `c1,s1,${time},2,"1,234.50"`,
    reason: 'priceUnreadable',
    column: 'price',
    value: '1,234.50',
    wayOut: '--decimal "."',
  },
  {
    kind: 'a negative price',
    line: `c1,s1,${time},2,-2.50`,
    reason: 'priceNegative',
    column: 'price',
    value: '-2.50',
    wayOut: 'negative quantity',
  },
  {
    kind: 'a time that does not exist in the calendar',
    line: 'c1,s1,2023-02-29T10:00:00Z,2,2.50',
    reason: 'timestampUnreadable',
    column: 'ordered_at',
    value: '2023-02-29T10:00:00Z',
    wayOut: '--timestamp-format',
  },
  {
    kind: 'a local time that the clock change skipped',
    line: 'c1,s1,2024-03-31 01:30,2,2.50',
    settings: { timeZone: 'Europe/London' },
    reason: 'timestampInGap',
    column: 'ordered_at',
    value: '2024-03-31 01:30',
    wayOut: '--time-zone',
  },
  {
    kind: 'an item id of spaces',
    line: `c1,   ,${time},2,2.50`,
    reason: 'itemMissing',
    column: 'sku',
    value: '   ',
    wayOut: '--item-column',
  },
  {
    kind: 'a customer id of spaces',
    line: `   ,s1,${time},2,2.50`,
    reason: 'unknownCustomer',
    column: 'customer_id',
    value: '   ',
    wayOut: '--user-column',
  },
  {
    kind: 'a date out of range',
    line: 'c1,s1,1970-01-01T00:00:00Z,2,2.50',
    reason: 'dateOutOfRange',
    column: 'ordered_at',
    value: '1970-01-01T00:00:00Z',
    wayOut: '--min-date',
  },
]

describe('ingest of a row that cannot be kept', () => {
  test.each(COUNTED)(
    'counts and shows $kind',
    async ({ kind, line, settings, reason, column, value, wayOut }) => {
      const file = join(folder, `${kind.replaceAll(/[^a-z]+/gi, '-')}.csv`)
      const lines = [HEADER, ...GOOD_ROWS]
      lines[2] = line
      await writeFile(file, lines.join('\n'))
      const report = await ingest({ ...settings, inputs: [file], output: `${file}.out` })
      expect(report).toMatchObject({ numRows: 9, numKept: 8 })
      expect(report.dropped).toHaveLength(1)
      expect(report.dropped[0]).toMatchObject({ reason, count: 1, share: 1 / 9 })
      expect(report.dropped[0]?.examples).toEqual([{ file, row: 3, column, value }])
      expect(report.dropped[0]?.wayOut).toContain(wayOut)
    },
  )

  test('names the line of a malformed JSON object', async () => {
    const file = join(folder, 'events.jsonl')
    const objects = Array.from({ length: 9 }, (_, i) =>
      JSON.stringify({ user_id: i, item_id: `s${i}`, timestamp: 1_714_000_000_000 + i }),
    )
    objects[4] = '{"user_id": 4, "item_id": '
    await writeFile(file, objects.join('\n'))
    const report = await ingest({ inputs: [file], output: `${file}.out` })
    expect(report).toMatchObject({ numRows: 9, numKept: 8 })
    expect(report.dropped[0]).toMatchObject({
      reason: 'brokenJson',
      count: 1,
      examples: [{ file, row: 5, column: null, value: objects[4] }],
    })
  })
})

describe('ingest of a file that is odd but whole', () => {
  test.each([
    ['mixed line ends', GOOD.replace('\n', '\r\n').replace(/2.50\nc3/, '2.50\rc3')],
    ['line ends of old Macs', GOOD.replaceAll('\n', '\r')],
    ['a UTF-8 byte order mark', `\ufeff${GOOD}`],
    ['UTF-16 with a byte order mark', iconv.encode(`\ufeff${GOOD}`, 'utf-16le')],
    ['no line end at the end', GOOD.trimEnd()],
    ['an unnamed index column', GOOD.replace(/^/gm, '7,').replace('7,', ',').replace(/7,$/, '')],
    ['blank lines between rows', GOOD.replaceAll('\n', '\n\n')],
  ])('keeps all rows with %s', async (kind, content) => {
    const file = join(folder, `${kind.replaceAll(' ', '-')}.csv`)
    await writeFile(file, content)
    const report = await ingest({ inputs: [file], output: `${file}.out` })
    expect(report).toMatchObject({ numRows: 9, numKept: 9, dropped: [], currency: null })
  })
})
