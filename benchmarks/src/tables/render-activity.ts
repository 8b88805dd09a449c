import type { ActivityResult } from '../quality/lifecycle/result.ts'
import { circumstances, markdownTable } from './markdown.ts'

/** Returns how well it is known who buys anything: BG/NBD beside what validation took. */
export function renderActivity(result: ActivityResult): string {
  const rows = result.questions.map(({ cut, horizonDays, chosen, bgNbd, served }) => [
    `${cut}, ${horizonDays} days`,
    bgNbd.numPairs.toLocaleString('en'),
    bgNbd.baseRate.toFixed(3),
    bgNbd.auc.toFixed(4),
    bgNbd.calibrationError.toFixed(4),
    chosen,
    served.auc.toFixed(4),
    served.calibrationError.toFixed(4),
  ])
  const head = [
    'Question',
    'customers',
    'bought',
    'BG/NBD: AUC',
    'calibration error',
    'taken',
    'AUC',
    'calibration error',
  ]
  return `${markdownTable(head, rows)}\n\n${circumstances(result)}`
}
