import { describe, expect, test } from 'vitest'
import { formatSeconds } from './format-seconds.ts'
import { createFitConfig } from './options.ts'
import { START, timeLeft } from './progress.ts'

describe('timeLeft', () => {
  const standing = { ...START, epoch: 1, stepInEpoch: 30, seconds: 500 }
  const speed = { stepsPerEpoch: 100, secondsPerStep: 2 }

  test('counts the rest of the epoch and the epochs after it', () => {
    const config = createFitConfig({ maxEpochs: 4 }, 10)
    // 70 steps of this epoch; epochs 3 and 4 after it.
    expect(timeLeft(standing, { config, ...speed })).toEqual({
      epochSecondsLeft: 140,
      secondsLeft: 540,
    })
  })

  test('ends with maxSeconds', () => {
    const config = createFitConfig({ maxEpochs: 4, maxSeconds: 700 }, 10)
    expect(timeLeft(standing, { config, ...speed })).toEqual({
      epochSecondsLeft: 140,
      secondsLeft: 200,
    })
  })
})

describe('formatSeconds', () => {
  test.each([
    [0.2, '1 s'],
    [89, '89 s'],
    [100, '2 min'],
    [5399, '1 h 30 min'],
    [9300, '2 h 35 min'],
    [200_000, '2 d 7 h'],
    [Number.POSITIVE_INFINITY, 'unknown'],
  ])('%s is %s', (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text)
  })
})
