import type { EngineTimes, TrainingResult } from './result.ts'
import type { ComparedEngine } from './settings.ts'

/** Whether a result meets one of the project's targets. */
export interface Verdict {
  readonly what: string
  readonly value: number | undefined
  readonly bound: string
  /** `missing`: it was not measured. */
  readonly outcome: 'pass' | 'miss' | 'missing'
}

const MIB = 2 ** 20
const SPEED_TARGETS = [
  { setting: 'ml-1m-bce', engine: 'wasm', plain: 3, tuned: 1.7 },
  { setting: 'ml-1m-sampled', engine: 'wasm', plain: 3, tuned: 1.7 },
  { setting: 'beauty-bce', engine: 'wasm', plain: 8, tuned: 5 },
  { setting: 'beauty-sampled', engine: 'wasm', plain: 8, tuned: 5 },
  { setting: 'ml-1m-bce', engine: 'tensorflow', plain: 1.3 },
  { setting: 'ml-1m-sampled', engine: 'tensorflow', plain: 1.3 },
  { setting: 'beauty-bce', engine: 'tensorflow', plain: 1.3 },
  { setting: 'beauty-sampled', engine: 'tensorflow', plain: 1.3 },
] as const satisfies readonly {
  setting: string
  engine: ComparedEngine
  plain: number
  tuned?: number
}[]
const MOST_WASM_MIB = 300
const MOST_CATALOGUE_RATIO = 1.3

/** Returns a verdict a target on speed, then on memory, then on the size of the catalogue. */
export function judgeTargets({
  settings,
  catalogue,
}: Pick<TrainingResult, 'settings' | 'catalogue'>): Verdict[] {
  const timesOf = (setting: string, engine: ComparedEngine): EngineTimes | undefined => {
    const times = settings.find(({ name }) => name === setting)?.engines[engine]
    return times === undefined || 'skipped' in times ? undefined : times
  }
  const speeds = SPEED_TARGETS.flatMap(({ setting, engine, ...bounds }) => {
    const times = timesOf(setting, engine)
    const against = { plain: times?.ratioToPlain, tuned: times?.ratioToTuned }
    return Object.entries(bounds).map(([peer, bound]) =>
      judge(
        `${setting}: ${engine}, times as fast as torch ${peer}`,
        against[peer as keyof typeof against] ?? undefined,
        { sign: '>=', limit: bound },
      ),
    )
  })
  const peaks = settings.map(({ name }) => {
    const bytes = timesOf(name, 'wasm')?.peakBytes
    return judge(`${name}: wasm, peak MiB`, bytes === undefined ? undefined : bytes / MIB, {
      sign: '<',
      limit: MOST_WASM_MIB,
    })
  })
  const ratio = judge(
    'catalogue: wasm, step with 1 million items over 10 thousand',
    catalogue?.ratio,
    { sign: '<=', limit: MOST_CATALOGUE_RATIO },
  )
  return [...speeds, ...peaks, ratio]
}

/** Returns one line. */
export function formatVerdict({ what, value, bound, outcome }: Verdict): string {
  const word = outcome === 'missing' ? 'not measured' : outcome
  return `${word.padEnd(12)}  ${what}: ${value?.toFixed(2) ?? '-'} (target ${bound})`
}

const COMPARE = {
  '>=': (value: number, limit: number) => value >= limit,
  '<=': (value: number, limit: number) => value <= limit,
  '<': (value: number, limit: number) => value < limit,
} as const

function judge(
  what: string,
  value: number | undefined,
  { sign, limit }: { readonly sign: keyof typeof COMPARE; readonly limit: number },
): Verdict {
  const bound = `${sign} ${limit}`
  if (value === undefined) return { what, value, bound, outcome: 'missing' }
  return { what, value, bound, outcome: COMPARE[sign](value, limit) ? 'pass' : 'miss' }
}
