import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { createRng, readDataset, readEventsFile, readItemsFile } from '@perennial/core'
import { parquetWriteFile } from 'hyparquet-writer'
import iconv from 'iconv-lite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ingest } from '../src/ingest/ingest.ts'
import type { IngestProgress, IngestSettings } from '../src/ingest/ingest-options.ts'
import type { IngestReport } from '../src/ingest/ingest-report.ts'

let folder: string
let count = 0
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perennial-ingest-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function write(content: string | Uint8Array, name = `${++count}.csv`): Promise<string> {
  await writeFile(join(folder, name), content)
  return join(folder, name)
}

async function run(
  inputs: string | readonly string[],
  settings: IngestSettings = {},
): Promise<{ report: IngestReport; output: string }> {
  const output = join(folder, `out-${++count}`)
  const report = await ingest({ ...settings, inputs: [inputs].flat(), output })
  return { report, output }
}

function countOf(report: IngestReport, reason: string): number {
  return report.dropped.find((dropped) => dropped.reason === reason)?.count ?? 0
}

const SHOP = `Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Category
1001,85123a,White Holder,6,2010-12-01 08:26,2.55,17850,Home > Light
1001,71053,"Lantern, metal",6,2010-12-01 08:26,3.39,17850,Home > Garden
1001,71053,"Lantern, metal",6,2010-12-01 08:26,3.39,17850,Home > Garden
C1002,71053,"Lantern, metal",-1,2010-12-02 09:00,3.39,17850,Home > Garden
1003,71053,"Lantern, metal",-2,2010-12-02 09:30,3.39,17850,Home > Garden
1004,POST,Postage,1,2010-12-03 10:00,18.00,17850,
1005,71053,"Lantern, metal",1,2010-12-03 10:00,3.39,,Home > Garden
1006,71053,"Lantern, metal",1,2010-12-03 10:00,0,13047,Home > Garden
1007,71053,"Lantern ""XL""",2,2011-07-01 10:00,3.95,13047,Home > Garden
1008,71053,"Lantern ""XL""",1,2010-11-30 10:00,99999,13047,Home > Garden
1009,85123A,White Holder,1,2011-07-02 10:00,2.75,17850,Home > Light
1010,85123A,White Holder,0,2011-07-03 10:00,2.75,17850,Home > Light
`
const SHOP_SETTINGS: IngestSettings = {
  timeZone: 'Europe/London',
  cancelPrefix: 'C',
  itemPattern: '^\\d{5}',
  dropFree: true,
  maxPrice: 1000,
  normalizeItemIds: 'upper',
  currency: 'GBP',
}

describe('ingest', () => {
  test('keeps sales and counts every other row under its reason', async () => {
    const { report, output } = await run(await write(SHOP), SHOP_SETTINGS)
    const counts = Object.fromEntries(report.dropped.map(({ reason, count }) => [reason, count]))
    expect(counts).toEqual({
      cancellation: 1,
      returned: 1,
      zeroQuantity: 1,
      unknownCustomer: 1,
      notAProduct: 1,
      free: 1,
      priceAboveLimit: 1,
      duplicate: 1,
    })
    expect(report).toMatchObject({ numRows: 12, numKept: 4, currency: 'GBP' })
    const events = await readEventsFile(join(output, 'events.arrow'))
    expect(events).toMatchObject({
      userIds: ['17850', '13047'],
      itemIds: ['', '85123A', '71053'],
      eventTypeNames: ['purchase'],
      currency: 'GBP',
      userRows: Int32Array.of(0, 0, 0, 1),
      itemRows: Int32Array.of(1, 2, 1, 2),
      quantities: Float32Array.of(6, 6, 1, 2),
      prices: Float32Array.of(2.55, 3.39, 2.75, 3.95),
    })
    // London is at UTC in December and one hour ahead in July.
    expect(Array.from(events.timestampMs, (ms) => new Date(ms).toISOString())).toEqual([
      '2010-12-01T08:26:00.000Z',
      '2010-12-01T08:26:00.000Z',
      '2011-07-02T09:00:00.000Z',
      '2011-07-01T09:00:00.000Z',
    ])
    const { records } = await readItemsFile(join(output, 'items.arrow'))
    expect(records).toEqual([
      {
        itemId: '85123A',
        title: 'White Holder',
        categoryPath: ['Home', 'Light'],
        price: 2.75,
      },
      {
        itemId: '71053',
        title: 'Lantern "XL"',
        categoryPath: ['Home', 'Garden'],
        price: 3.95,
      },
    ])
  })

  test('describes what was kept', async () => {
    const { report } = await run(await write(SHOP), SHOP_SETTINGS)
    expect(report.statistics).toEqual({
      numUsers: 2,
      numItems: 2,
      numBaskets: 3,
      firstEvent: '2010-12-01T08:26:00.000Z',
      lastEvent: '2011-07-02T09:00:00.000Z',
      eventsPerMonth: [
        '2010-12',
        '2011-01',
        '2011-02',
        '2011-03',
        '2011-04',
        '2011-05',
        '2011-06',
        '2011-07',
      ].map((month) => ({ month, numEvents: month === '2010-12' || month === '2011-07' ? 2 : 0 })),
      // Baskets of 2, 1 and 1 items; of the 4 entries one repeats an item of an earlier day.
      medianBasketSize: 1,
      repeatShare: 1 / 4,
      priceQuantiles: { p01: 2.55, p25: 2.55, median: 2.75, p75: 3.39, p99: 3.95, max: 3.95 },
    })
    expect(report.mapping.timestamp).toEqual({ column: 'InvoiceDate', foundBy: 'header' })
    expect(report.categorySeparator).toBe('>')
  })

  test('adds up: rows read are rows kept and rows counted, whatever the rows hold', async () => {
    const rng = createRng(7)
    const pick = (values: readonly string[]): string => values[rng.nextInt(values.length)] as string
    for (let round = 0; round < 20; round++) {
      const numRows = 1 + rng.nextInt(200)
      const rows = Array.from({ length: numRows }, () =>
        [
          pick(['O1', 'O2', 'C3', '']),
          pick(['u1', 'u2', ' ', 'NaN', '"u3"', '"u']),
          pick(['10000', '20000', 'POST', '', '"1"x']),
          pick(['2024-01-02T03:04:05Z', '1980-01-01T00:00:00Z', 'soon', '']),
          pick(['1', '2', '-1', '0', 'x', '']),
          pick(['1.5', '0', '-1', '9999', '', 'y', '1,extra']),
          pick(['EUR', 'EUR', 'USD', '']),
        ].join(','),
      )
      const good = 'O9,u9,90000,2024-01-02T03:04:05Z,1,1.5,EUR'
      const header = 'order,user,item,time,quantity,price,currency'
      const { report } = await run(await write([header, good, ...rows].join('\n')), {
        ...SHOP_SETTINGS,
        timestampFormat: 'iso',
        maxBadShare: 1,
        currency: 'EUR',
      })
      const numDropped = report.dropped.reduce((sum, { count }) => sum + count, 0)
      expect(report.numRows).toBe(numRows + 1)
      expect(report.numKept + numDropped).toBe(report.numRows)
      expect(
        report.dropped.every(({ count, examples }) => examples.length === Math.min(5, count)),
      ).toBe(true)
    }
  })

  test('reads every row of a file of many chunks, plain and compressed, and all its bytes', async () => {
    const numRows = 60_000
    const rows = Array.from({ length: numRows }, (_, i) =>
      i % 1000 === 7
        ? `c${i % 97},s${i % 31},${1_700_000_000 + i},"line one\nline two, é"`
        : `c${i % 97},s${i % 31},${1_700_000_000 + i},plain title`,
    )
    const text = ['user,item,timestamp,title', ...rows].join('\n')
    for (const [name, content] of [
      ['large.csv', Buffer.from(text)],
      ['large.csv.gz', gzipSync(text)],
    ] as const) {
      const input = await write(content, name)
      let last: IngestProgress | undefined
      const output = join(folder, `out-${++count}`)
      const report = await ingest({ inputs: [input], output, onProgress: (p) => (last = p) })
      expect(report).toMatchObject({ numRows, numKept: numRows, dropped: [] })
      expect(report.files[0]).toMatchObject({ timestampFormat: 'epoch-s', numRows })
      expect(last).toEqual({
        phase: 'write',
        bytesRead: content.length,
        totalBytes: content.length,
        numRows,
      })
    }
  })

  test('sorts by user, then time, then input order', async () => {
    const rng = createRng(3)
    const rows = Array.from({ length: 2000 }, (_, i) => ({
      user: rng.nextInt(40),
      ms: 1_700_000_000_000 + rng.nextInt(50) * 1000,
      item: i,
    }))
    const lines = rows.map(({ user, ms, item }) => `u${user},i${item},${ms}`)
    const { output } = await run(await write(['user,item,timestamp', ...lines].join('\n')))
    const { sequences, catalog, userIds } = await readDataset(output)
    const got = userIds.flatMap((_, u) =>
      Array.from(
        sequences.itemRows.subarray(sequences.offsets[u], sequences.offsets[u + 1]),
        (row) => catalog.idOf(row),
      ),
    )
    const expected = userIds.flatMap((id) =>
      rows
        .filter(({ user }) => `u${user}` === id)
        .sort((a, b) => a.ms - b.ms || a.item - b.item)
        .map(({ item }) => `i${item}`),
    )
    expect(got).toEqual(expected)
  })

  test('reads CSV, JSON Lines and Parquet to the same events', async () => {
    const times = ['2024-05-01T10:00:00.000Z', '2024-05-02T11:30:00.000Z']
    const csv = await write(
      `user_id,item_id,timestamp,quantity,price,category\na,x,${times[0]},1,2.5,Food > Tea\nb,y,${times[1]},3,,Food > Rice\n`,
    )
    const jsonl = await write(
      [
        {
          user_id: 'a',
          item_id: 'x',
          timestamp: times[0],
          quantity: 1,
          price: 2.5,
          category: ['Food', 'Tea'],
        },
        {
          user_id: 'b',
          item_id: 'y',
          timestamp: times[1],
          quantity: 3,
          price: null,
          category: ['Food', 'Rice'],
        },
      ]
        .map((row) => JSON.stringify(row))
        .join('\n'),
      'events.jsonl',
    )
    const parquet = join(folder, 'events.parquet')
    parquetWriteFile({
      filename: parquet,
      columnData: [
        { name: 'user_id', data: ['a', 'b'], type: 'STRING' },
        { name: 'item_id', data: ['x', 'y'], type: 'STRING' },
        { name: 'timestamp', data: times.map((time) => new Date(time)), type: 'TIMESTAMP' },
        { name: 'quantity', data: [1, 3], type: 'INT32' },
        { name: 'price', data: [2.5, null], type: 'DOUBLE' },
        { name: 'category', data: ['Food > Tea', 'Food > Rice'], type: 'STRING' },
      ],
    })
    const results = []
    for (const file of [csv, jsonl, parquet]) {
      const { output } = await run(file)
      const { records } = await readItemsFile(join(output, 'items.arrow'))
      results.push({ events: await readEventsFile(join(output, 'events.arrow')), records })
    }
    expect(results[0]?.events.prices).toEqual(Float32Array.of(2.5, Number.NaN))
    expect(results[0]?.records[0]?.categoryPath).toEqual(['Food', 'Tea'])
    expect(results[1]).toEqual(results[0])
    expect(results[2]).toEqual(results[0])
  })

  test('reads GBK and Latin-1 when they are named', async () => {
    const text = '用户id,商品id,下单时间,商品名称\n1,2,2024-05-01T10:00:00Z,绿茶\n'
    const gbk = await run(await write(iconv.encode(text, 'gbk')), { encoding: 'gbk' })
    const german =
      'Kundennummer;Artikelnummer;Datum;Bezeichnung;Preis;Menge\n1;2;31.05.2024 10:00;Grüner Tee;1.234,50;2\n'
    const latin = await run(await write(iconv.encode(german, 'latin1')), {
      encoding: 'latin1',
      timeZone: 'Europe/Berlin',
      decimal: ',',
    })
    const titleIn = async (output: string): Promise<string | undefined> =>
      (await readItemsFile(join(output, 'items.arrow'))).records[0]?.title
    expect(await titleIn(gbk.output)).toBe('绿茶')
    expect(await titleIn(latin.output)).toBe('Grüner Tee')
    expect(latin.report.files[0]).toMatchObject({
      delimiter: ';',
      timestampFormat: 'd.M.yyyy H:mm',
    })
    const events = await readEventsFile(join(latin.output, 'events.arrow'))
    expect(events.prices).toEqual(Float32Array.of(1234.5))
    expect(events.timestampMs).toEqual(Float64Array.of(Date.UTC(2024, 4, 31, 8)))
  })

  test('reads several files as one log and drops what they share', async () => {
    const first = await write('user,item,timestamp\na,x,1700000000\nb,y,1700000100\n')
    const second = await write('timestamp,user,item\n1700000100,b,y\n1700000200,a,y\n')
    const { report } = await run([first, second])
    expect(report).toMatchObject({ numRows: 4, numKept: 3 })
    expect(report.dropped[0]?.examples).toEqual([
      { file: second, row: 2, column: null, value: 'item y' },
    ])
    await expect(run([first, await write('user,item,when\na,x,1\n')])).rejects.toThrow(
      /line 1: --time-column: the column 'timestamp' is not in the header/,
    )
  })

  test('keeps the most frequent currency, or the one that is named', async () => {
    const csv =
      'user,item,timestamp,price,currency\na,x,1700000000,1,EUR\na,y,1700000001,2,eur\nb,x,1700000002,3,USD\n'
    const most = await run(await write(csv))
    const named = await run(await write(csv), { currency: 'usd' })
    expect([most.report.currency, most.report.numKept]).toEqual(['EUR', 2])
    expect([named.report.currency, named.report.numKept]).toEqual(['USD', 1])
    expect(countOf(most.report, 'otherCurrency')).toBe(1)
    // Who has no event left is not in the data set.
    expect((await readDataset(most.output)).userIds).toEqual(['a'])
    expect((await readEventsFile(join(named.output, 'events.arrow'))).itemIds).toEqual(['', 'x'])
  })
})
