import { formatSeconds } from '@perennial/train'
import type { ScaleResult } from '../scale/result.ts'
import { circumstances, markdownTable } from './markdown.ts'

/** Returns the table of `bench:scale`: a row for the run until it was stopped, and one for what went on from there. */
export function renderScale(result: ScaleResult): string {
  const { numUsers, numItems, numEvents, task, runs, eventsFileBytes, checkpointBytes } = result
  const count = (value: number): string => Math.round(value).toLocaleString('en')
  const gb = (bytes: number): string => (bytes / 1e9).toFixed(2)
  const rows = Object.entries(runs).map(([name, run]) => [
    name === 'first' ? 'from the start' : 'from the checkpoint',
    `${count(run.stepsBefore + 1)} to ${count(run.stepsAfter)} of ${count(run.stepsPerEpoch)}`,
    count(run.tokensPerSecond),
    formatSeconds(run.epochSeconds),
    formatSeconds(run.scanSeconds),
    gb(run.statedBytes),
    gb(run.peakBytes),
  ])
  const head = [
    'Run',
    'Steps of the epoch',
    'tokens/s',
    'an epoch would take',
    'first pass',
    'stated GB',
    'peak GB',
  ]
  const data = `${count(numUsers)} users, ${count(numItems)} items, ${count(numEvents)} events (${gb(eventsFileBytes)} GB on disk), dim ${task.dim}, batches of ${task.batchSize}, ${task.numNegatives} negatives, ${runs.first.engine}; checkpoint ${gb(checkpointBytes)} GB.`
  const load = `Load average ${result.loadAverage1mAtEnd.toFixed(1)} at the end.`
  return `${markdownTable(head, rows)}\n\n${data} ${circumstances(result)} ${load}`
}
