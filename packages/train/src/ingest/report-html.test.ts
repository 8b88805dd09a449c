import { describe, expect, test } from 'vitest'
import type { IngestReport } from './ingest-report.ts'
import { renderHtmlReport } from './report-html.ts'
import { renderTerminalReport } from './report-terminal.ts'

const REPORT: IngestReport = {
  createdAt: '2024-06-01T00:00:00.000Z',
  numRows: 12_345,
  numKept: 12_343,
  dropped: [
    {
      reason: 'priceUnreadable',
      kind: 'malformed',
      label: 'Price is not a number',
      wayOut: 'Use --decimal ",".',
      count: 2,
      share: 2 / 12_345,
      examples: [{ file: 'a.csv', row: 17, column: 'Price', value: '<script>alert("x")</script>' }],
    },
  ],
  files: [
    {
      file: 'a.csv',
      format: 'csv',
      encoding: 'utf-8',
      delimiter: '\t',
      timestampFormat: 'iso',
      numRows: 12_345,
    },
  ],
  mapping: { userId: { column: 'Kunde & Co', foundBy: 'header' } },
  timeZone: 'Europe/London',
  currency: 'GBP',
  categorySeparator: null,
  statistics: {
    numUsers: 5,
    numItems: 6,
    numBaskets: 7,
    firstEvent: '2024-04-01T00:00:00.000Z',
    lastEvent: '2024-05-02T00:00:00.000Z',
    eventsPerMonth: [
      { month: '2024-04', numEvents: 12_000 },
      { month: '2024-05', numEvents: 343 },
    ],
    medianBasketSize: 3,
    repeatShare: 0.25,
    priceQuantiles: { p01: 1, p25: 2, median: 3, p75: 4, p99: 5, max: 6.5 },
  },
}

describe('renderHtmlReport', () => {
  test('shows counts, reasons and examples, with text of the data escaped', async () => {
    const html = await renderHtmlReport(REPORT)
    expect(html).toContain('12,345 rows were read, 12,343 kept and 2 left out.')
    expect(html).toContain('<b>Price is not a number</b>: 2 rows (0.0162%)')
    expect(html).toContain('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;')
    expect(html).not.toContain('<script>')
    expect(html).toContain('Kunde &amp; Co')
    expect(html).toContain('6.50 GBP')
    // Nothing is loaded from elsewhere; the one address is the name of the SVG format.
    expect(html.replaceAll(/xmlns(:\w+)?="[^"]*"/g, '')).not.toMatch(/https?:/)
  })

  test('draws one bar a month, as high as its events', async () => {
    const html = await renderHtmlReport(REPORT)
    const heights = [...html.matchAll(/aria-roledescription="bar" d="M[^"]*?v(-?[\d.]+)h/g)].map(
      ([, height]) => Math.abs(Number(height)),
    )
    expect(heights).toHaveLength(2)
    expect((heights[0] as number) / (heights[1] as number)).toBeCloseTo(12_000 / 343, 1)
  })
})

describe('renderTerminalReport', () => {
  test('shows where the first example stands and what to do', () => {
    const text = renderTerminalReport(REPORT)
    expect(text).toContain('a.csv:17 Price')
    expect(text).toContain('Use --decimal ",".')
    expect(text).toContain('12,343 (100.0%)')
    expect(text).toContain('Rows left out by a rule: none')
  })
})
