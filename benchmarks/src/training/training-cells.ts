import type { SettingResult } from './result.ts'

/** Head of the table that {@link trainingCells} fills. */
export const TRAINING_HEAD = [
  'Setting',
  'Engine',
  'ms a step (min to max)',
  'times plain',
  'times tuned',
  'GFLOP/s',
  'of peak',
  'peak MiB',
  'tokens/s',
] as const

const ENGINE_NAMES: Readonly<Record<string, string>> = {
  plain: 'PyTorch, plain',
  tuned: 'PyTorch, tuned',
}

/** Returns one row of text an engine; one that was left out has no row. */
export function trainingCells({ name, engines }: SettingResult): string[][] {
  return Object.entries(engines).flatMap(([engine, times]) => {
    if ('skipped' in times) return []
    const { medianMs, minMs, maxMs, ratioToPlain, ratioToTuned } = times
    const range = [minMs, maxMs].map((ms) => ms.toFixed(1)).join(' to ')
    return [
      [
        name,
        ENGINE_NAMES[engine] ?? engine,
        `${medianMs.toFixed(1)} (${range})`,
        ratioToPlain?.toFixed(2) ?? '-',
        ratioToTuned?.toFixed(2) ?? '-',
        times.gflopsPerSecond.toFixed(1),
        `${(100 * times.shareOfPeak).toFixed(0)} %`,
        (times.peakBytes / 2 ** 20).toFixed(0),
        Math.round(times.tokensPerSecond).toLocaleString('en'),
      ],
    ]
  })
}
