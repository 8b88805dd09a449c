import type { IngestReport } from './ingest-report.ts'

/** One line of facts about the data: what it is called and its value. */
export type Fact = readonly [name: string, value: string]

/** Lists what was kept, for people. */
export function listFacts(report: IngestReport): Fact[] {
  const { statistics, numKept, currency, timeZone, categorySeparator } = report
  const { priceQuantiles: prices } = statistics
  const money = (value: number): string =>
    `${value.toFixed(2)}${currency === null ? '' : ` ${currency}`}`
  return [
    ['Rows read', formatCount(report.numRows)],
    ['Events kept', `${formatCount(numKept)} (${formatShare(numKept / report.numRows)})`],
    ['Customers', formatCount(statistics.numUsers)],
    ['Items', formatCount(statistics.numItems)],
    ['Baskets (one customer, one day)', formatCount(statistics.numBaskets)],
    ['Different items in a basket, median', String(statistics.medianBasketSize)],
    ['Bought again on a later day', formatShare(statistics.repeatShare)],
    ['First event (UTC)', statistics.firstEvent],
    ['Last event (UTC)', statistics.lastEvent],
    ...(prices === null
      ? []
      : ([
          ['Price, median', money(prices.median)],
          ['Price, 1% to 99%', `${money(prices.p01)} to ${money(prices.p99)}`],
          ['Price, highest', money(prices.max)],
        ] as const)),
    ['Time zone', timeZone ?? 'times carry their own offset; days and months are UTC'],
    ['Category levels parted by', categorySeparator ?? 'nothing (one level, or no categories)'],
  ]
}

/** Lists which column means what, and how that was found. */
export function listColumns({
  mapping,
}: Pick<IngestReport, 'mapping'>): [string, string, string][] {
  const ways = {
    option: 'named by you',
    config: 'named in the configuration file',
    header: 'guessed from the header',
  }
  return Object.entries(mapping).map(([role, { column, foundBy }]) => [role, column, ways[foundBy]])
}

/** Lists how each file was read. */
export function listFiles({ files }: Pick<IngestReport, 'files'>): string[][] {
  return files.map(({ file, format, encoding, delimiter, timestampFormat, numRows }) => [
    file,
    formatCount(numRows),
    [format, encoding].filter((part) => part !== null).join(', '),
    delimiter === '\t' ? 'tab' : (delimiter ?? '-'),
    timestampFormat,
  ])
}

/** Returns a count with thousands separators. */
export function formatCount(count: number): string {
  return count.toLocaleString('en')
}

/** Returns a share as percent, with as many digits as tell a small one from nothing. */
export function formatShare(share: number): string {
  return `${(share * 100).toFixed(share > 0 && share < 0.001 ? 4 : 1)}%`
}
