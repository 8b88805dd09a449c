import { describe, expect, test } from 'vitest'
import { formatVerdict, judgeTargets } from './judge-targets.ts'
import type { EngineTimes, SettingResult } from './result.ts'
import { SETTINGS } from './settings.ts'

const times: EngineTimes = {
  version: 'x 1',
  medianMs: 1,
  minMs: 1,
  maxMs: 1,
  ratioToPlain: 3,
  ratioToTuned: 1.69,
  gflopsPerSecond: 1,
  shareOfPeak: 0.5,
  tokensPerSecond: 1,
  peakBytes: 300 * 2 ** 20,
  prepareMs: null,
  stepMs: [[1]],
  losses: [1],
}
const measured: SettingResult = {
  ...(SETTINGS[0] as (typeof SETTINGS)[number]),
  numItems: 10,
  tokensPerStep: 1,
  gflopPerStep: 1,
  othersBusyShare: 0,
  engines: { wasm: times, tensorflow: { skipped: 'not here' } },
}

describe('judgeTargets', () => {
  const verdicts = judgeTargets({
    settings: [measured],
    catalogue: { cases: [], ratio: 1.3, drawnRatio: 2, othersBusyShare: 0 },
  })
  const outcomeOf = (what: string): string | undefined =>
    verdicts.find((verdict) => verdict.what === what)?.outcome

  test('takes a ratio at its bound as met and one below it as missed', () => {
    expect(outcomeOf('ml-1m-bce: wasm, times as fast as torch plain')).toBe('pass')
    expect(outcomeOf('ml-1m-bce: wasm, times as fast as torch tuned')).toBe('miss')
    expect(outcomeOf('catalogue: wasm, step with 1 million items over 10 thousand')).toBe('pass')
  })

  test('takes a peak of just 300 MiB as missed', () => {
    expect(outcomeOf('ml-1m-bce: wasm, peak MiB')).toBe('miss')
  })

  test('says of each target without a measurement that it is missing', () => {
    expect(outcomeOf('ml-1m-bce: tensorflow, times as fast as torch plain')).toBe('missing')
    expect(outcomeOf('beauty-bce: wasm, times as fast as torch tuned')).toBe('missing')
    // Four settings of wasm against two peers, four of tensorflow against one, one peak, the catalogue.
    expect(verdicts).toHaveLength(4 * 2 + 4 + 1 + 1)
    expect(verdicts.filter(({ outcome }) => outcome !== 'missing')).toHaveLength(4)
  })

  test('writes a line with value and bound', () => {
    const verdict = { what: 'a', value: 3.456, bound: '>= 3', outcome: 'pass' } as const
    expect(formatVerdict(verdict)).toBe('pass          a: 3.46 (target >= 3)')
  })
})
