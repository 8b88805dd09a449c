import type { TrainingResult } from '../training/result.ts'
import { TRAINING_HEAD, trainingCells } from '../training/training-cells.ts'
import { circumstances, markdownTable } from './markdown.ts'

/** Returns the tables of `bench:training`: steps by setting and engine, then by size of the catalogue. */
export function renderTraining(result: TrainingResult): string {
  const { settings, catalogue, peak, numThreads, versions, schedule } = result
  const parts: string[] = []
  if (settings.length > 0) {
    parts.push(markdownTable(TRAINING_HEAD, settings.flatMap(trainingCells)))
  }
  if (catalogue !== undefined) {
    const rows = catalogue.cases.map(({ name, medianMs, minMs, maxMs, ...one }) => [
      name,
      Math.round(one.distinctItemsPerStep).toLocaleString('en'),
      `${medianMs.toFixed(1)} (${minMs.toFixed(1)} to ${maxMs.toFixed(1)})`,
      (one.peakBytes / 2 ** 20).toFixed(0),
    ])
    parts.push(
      markdownTable(
        ['Catalogue, engine wasm', 'items a step uses', 'ms a step (min to max)', 'peak MiB'],
        rows,
      ),
    )
  }
  const steps = `Medians of ${schedule.rounds * schedule.stepsPerRound} steps in ${schedule.rounds} rounds on ${numThreads} threads, torch ${versions.torch}.`
  const share = `"Of peak" is the share of ${numThreads} times ${peak.gflopsPerThread.toFixed(1)} GFLOP/s, the speed of ${peak.name}.`
  const measured = catalogue === undefined ? settings : [...settings, catalogue]
  const mostBusy = Math.max(0, ...measured.map(({ othersBusyShare }) => othersBusyShare))
  const others = `Other processes had at most ${(100 * mostBusy).toFixed(0)} % of the cores meanwhile.`
  return [...parts, `${steps} ${share} ${others} ${circumstances(result)}`].join('\n\n')
}
