import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readEventsFile, readItemsFile } from '@perennial/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ingest } from '../src/ingest/ingest.ts'
import type { IngestOptions, IngestSettings } from '../src/ingest/ingest-options.ts'
import { previewIngest } from '../src/ingest/preview-ingest.ts'

const EVENTS = `user,item,timestamp,quantity,price,event,category,note
a,x,2024-05-01T10:00:00Z,1,2.5,Purchase,Food/Tea|Green,n1
a,x,2024-05-01T10:00:00Z,1,2.5,Purchase,Food/Tea|Green,n2
b,y,2024-06-01T23:30:00Z,2,0,view,Food/Rice,n3
b,x,2024-07-01T10:00:00Z,3,900,Purchase,,n4
`

let folder: string
let input: string
let count = 0
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perennial-options-'))
  input = await write(EVENTS)
})
afterAll(() => rm(folder, { recursive: true }))

async function write(content: string, name = `${++count}.csv`): Promise<string> {
  await writeFile(join(folder, name), content)
  return join(folder, name)
}

async function run(options: Partial<IngestOptions> = {}) {
  const output = join(folder, `out-${++count}`)
  const report = await ingest({ inputs: [input], output, ...options })
  const events = await readEventsFile(join(output, 'events.arrow'))
  const { records } = await readItemsFile(join(output, 'items.arrow'))
  return { report, events, records, output }
}

async function countKept(settings: IngestSettings): Promise<number> {
  return (await run(settings)).report.numKept
}

describe('ingest options', () => {
  test('leave one of two identical rows without any option', async () => {
    expect(await countKept({})).toBe(3)
  })

  test.each<[keyof IngestSettings, IngestSettings, number]>([
    ['keepDuplicates', { keepDuplicates: true }, 4],
    ['dropFree', { dropFree: true }, 2],
    ['maxPrice', { maxPrice: 899 }, 2],
    ['maxPrice', { maxPrice: 900 }, 3],
    ['itemPattern', { itemPattern: '^x$' }, 2],
    ['minDate', { minDate: '2024-06-01' }, 2],
    ['maxDate', { maxDate: '2024-06-01' }, 2],
    ['maxDate', { maxDate: '2024-06-01T23:29:59Z' }, 1],
    ['timeZone', { maxDate: '2024-06-01', timeZone: 'Asia/Tokyo' }, 1],
    ['cancelPrefix', { cancelPrefix: 'n3', mapping: { orderId: 'note' } }, 3],
    ['mapping', { mapping: { orderId: 'note' } }, 4],
  ])('%s decides what is kept: %o', async (_, settings, numKept) => {
    expect(await countKept(settings)).toBe(numKept)
  })

  test('mapping null leaves a column out that the header suggests', async () => {
    const { events } = await run({ mapping: { quantity: null, price: null, eventType: null } })
    expect(events.quantities).toEqual(Float32Array.of(1, 1, 1))
    expect(events.prices).toEqual(Float32Array.of(Number.NaN, Number.NaN, Number.NaN))
    expect(events.eventTypeNames).toEqual(['purchase'])
  })

  test('event types are numbered, in lower case', async () => {
    const { events } = await run()
    expect(events.eventTypeNames).toEqual(['purchase', 'view'])
    expect(events.eventTypes).toEqual(Uint8Array.of(0, 1, 0))
  })

  test('categorySeparator parts categories, else the mark seen most', async () => {
    const guessed = await run()
    const named = await run({ categorySeparator: '|' })
    expect(guessed.report.categorySeparator).toBe('/')
    expect(guessed.records[0]?.categoryPath).toEqual(['Food', 'Tea|Green'])
    expect(named.records[0]?.categoryPath).toEqual(['Food/Tea', 'Green'])
  })

  test('delimiter, format, timestampFormat and decimal tell how to read a file', async () => {
    const odd = await write('user^item^time^price\na^x^03/04/2024^1.000,5\n', 'odd.jsonl')
    const settings = { inputs: [odd], delimiter: '^', format: 'csv', timeZone: 'UTC' } as const
    const { events } = await run({ ...settings, timestampFormat: 'd/M/yyyy', decimal: ',' })
    expect(events.timestampMs).toEqual(Float64Array.of(Date.UTC(2024, 3, 3)))
    expect(events.prices).toEqual(Float32Array.of(1000.5))
    const monthFirst = await run({ ...settings, timestampFormat: 'M/d/yyyy', decimal: ',' })
    expect(monthFirst.events.timestampMs).toEqual(Float64Array.of(Date.UTC(2024, 2, 4)))
  })

  test('normalizeItemIds upper joins ids that differ in case', async () => {
    const mixed = await write('user,item,timestamp\na,x1,1700000000\nb,X1,1700000001\n')
    const upper = await run({ inputs: [mixed], normalizeItemIds: 'upper' })
    expect(upper.events.itemIds).toEqual(['', 'X1'])
    expect((await run({ inputs: [mixed] })).events.itemIds).toEqual(['', 'x1', 'X1'])
  })

  test('maxBadShare allows that share of unreadable rows and no more', async () => {
    const bad = await write('user,item,timestamp\na,x,1700000000\nb,,1700000001\n')
    expect((await run({ inputs: [bad], maxBadShare: 0.5 })).report.numKept).toBe(1)
    await expect(run({ inputs: [bad], maxBadShare: 0.49 })).rejects.toMatchObject({
      code: 'TOO_MANY_BAD_ROWS',
    })
  })

  test('itemsFile adds and overrides what is known of items', async () => {
    const itemsFile = await write(
      'sku;name;group;price\nx;Green tea;Food > Tea;2,75\nz;"Soap; mild";Care;\n',
    )
    const { records } = await run({
      itemsFile,
      itemsMapping: { categoryPath: 'group' },
      decimal: ',',
      mapping: { price: null },
      categorySeparator: '>',
    })
    expect(records).toEqual([
      { itemId: 'x', title: 'Green tea', categoryPath: ['Food', 'Tea'], price: 2.75 },
      { itemId: 'y', title: undefined, categoryPath: ['Food/Rice'], price: undefined },
      { itemId: 'z', title: 'Soap; mild', categoryPath: ['Care'], price: undefined },
    ])
    const broken = await write('sku,price\nx,1\ny,dear\n')
    await expect(run({ itemsFile: broken })).rejects.toThrow(/line 3: column 'price' holds 'dear'/)
  })

  test('config names settings, and options win over it', async () => {
    const config = await write(
      JSON.stringify({ mapping: { userId: 'user', itemId: 'note' }, maxPrice: 1 }),
      'config.json',
    )
    const { report, events } = await run({ config, maxPrice: 10, mapping: { userId: 'item' } })
    expect(report.mapping).toMatchObject({
      userId: { column: 'item', foundBy: 'option' },
      itemId: { column: 'note', foundBy: 'config' },
      timestamp: { column: 'timestamp', foundBy: 'header' },
    })
    expect(events).toMatchObject({ userIds: ['x', 'y'], itemIds: ['', 'n1', 'n2', 'n3'] })
    for (const [content, message] of [
      ['{"maxPrices": 1}', /unknown settings maxPrices. Known are mapping,/],
      ['{"maxPrice": ', /is not JSON/],
      ['[]', /expected a JSON object/],
    ] as const) {
      const wrong = await write(content, 'wrong.json')
      await expect(run({ config: wrong })).rejects.toMatchObject({
        code: 'INVALID_OPTION',
        message: expect.stringMatching(message),
      })
    }
  })

  test.each<[IngestSettings | { inputs: string[] }, string]>([
    [{ inputs: [] }, '`inputs`'],
    [{ maxBadShare: 2 }, '`maxBadShare`'],
    [{ maxPrice: -1 }, '`maxPrice`'],
    [{ delimiter: ';;' }, '`delimiter`'],
    [{ itemPattern: '(' }, '`itemPattern`'],
    [{ currency: 'pounds' }, '`currency`'],
    [{ minDate: 'yesterday' }, '`minDate`'],
    [{ timestampFormat: 'soon' }, '`timestampFormat`'],
    [{ mapping: { customer: 'user' } as object }, '`mapping`'],
  ])('refuse %o', async (options, name) => {
    await expect(run(options)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining(name),
    })
  })

  test('output with other files in it is refused and left alone', async () => {
    await expect(ingest({ inputs: [input], output: folder })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining('--out'),
    })
    expect(await readFile(input, 'utf8')).toBe(EVENTS)
  })

  test('signal stops the run and nothing is written', async () => {
    const reason = new Error('enough')
    const output = join(folder, 'stopped')
    const options = { inputs: [input], output, signal: AbortSignal.abort(reason) }
    await expect(ingest(options)).rejects.toBe(reason)
    await expect(readFile(join(output, 'report.json'))).rejects.toMatchObject({ code: 'ENOENT' })
  })
})

describe('previewIngest', () => {
  test('shows the mapping and three events of the first rows', async () => {
    const rows = Array.from({ length: 30_000 }, (_, i) => `u${i},i${i},${1_700_000_000 + i},4.25`)
    const large = await write(['user,item,timestamp,price', ...rows].join('\n'))
    const preview = await previewIngest({ inputs: [large] })
    expect(preview.mapping.price).toEqual({ column: 'price', foundBy: 'header' })
    expect(preview.events).toEqual(
      [0, 1, 2].map((i) => ({
        userId: `u${i}`,
        itemId: `i${i}`,
        time: new Date((1_700_000_000 + i) * 1000).toISOString(),
        quantity: 1,
        price: 4.25,
        eventType: 'purchase',
      })),
    )
    expect(preview.numRows).toBeGreaterThanOrEqual(1000)
    expect(preview.numRows).toBeLessThan(30_000)
  })
})
