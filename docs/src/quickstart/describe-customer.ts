import type { Dataset, Reason } from '@perennial/core'
import type { Recommendation, RecommendResponse } from '@perennial/serve'
import Table from 'cli-table3'
import pc from 'picocolors'

const HISTORY_ROWS = 8
/** Columns without rules between the rows, which read better in long lists. */
const PLAIN = {
  chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  style: { head: [], border: [] },
}

/** Returns a customer's newest purchases and recommendations as text for a terminal. */
export function describeCustomer(
  dataset: Dataset,
  userRow: number,
  response: RecommendResponse,
): string {
  const { offsets, itemRows, timestampMs } = dataset.sequences
  const start = offsets[userRow] as number
  const asOfMs = Date.parse(response.asOf)
  let end = offsets[userRow + 1] as number
  while (end > start && (timestampMs[end - 1] as number) >= asOfMs) end--
  const history = new Table({ ...PLAIN, head: ['Bought', 'Item'] })
  for (let i = end - 1; i >= Math.max(start, end - HISTORY_ROWS); i--) {
    history.push([day(timestampMs[i] as number), titleOf(dataset, itemRows[i] as number)])
  }
  const wanted = new Table({ ...PLAIN, head: ['', 'Will want', 'Within 28 days', 'Why'] })
  for (const item of response.items)
    wanted.push([item.rank, nameOf(item), chance(item), explain(item.reason)])
  const older = end - start - HISTORY_ROWS
  return [
    pc.bold(`Customer ${dataset.userIds[userRow]}, asked on ${day(asOfMs)}`),
    `Newest of ${end - start} purchases${older > 0 ? ` (${older} older ones not shown)` : ''}:`,
    history.toString(),
    `In the weeks from ${day(asOfMs)} (model ${response.modelVersion}, path ${response.path}):`,
    wanted.toString(),
  ].join('\n')
}

function explain(reason: Reason | undefined): string {
  switch (reason?.code) {
    case 'repeat': {
      const { timesBought, daysSinceLast, typicalGapDays } = reason
      const gap = typicalGapDays === null ? '' : `, about every ${Math.round(typicalGapDays)} days`
      return `bought ${timesBought === 1 ? 'once' : `${timesBought} times`}${gap}, last ${daysSinceLast} days ago`
    }
    case 'because-of':
      return `goes with ${reason.title ?? reason.itemId}`
    case 'sequence':
      return 'fits the history as a whole'
    case 'similar-customers':
      return 'customers like this one bought it lately'
    case 'popular':
      return 'sells well lately'
    default:
      return ''
  }
}

function chance({ forecast }: Recommendation): string {
  return forecast === undefined ? '' : `${Math.round(100 * forecast.within28Days)} %`
}

function nameOf({ title, itemId }: Recommendation): string {
  return title ?? itemId
}

function titleOf({ catalog }: Dataset, itemRow: number): string {
  const { title, itemId } = catalog.recordOf(itemRow)
  return title ?? itemId
}

function day(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10)
}
