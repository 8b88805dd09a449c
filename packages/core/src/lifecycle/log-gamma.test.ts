import { expect, test } from 'vitest'
import { logGamma } from './log-gamma.ts'

test.each([
  [1e-3, 6.907178885383853],
  [0.25, 1.2880225246980774],
  [0.5, Math.log(Math.PI) / 2],
  [1, 0],
  [3.7, 1.428072326665388],
  [11, Math.log(3_628_800)],
  [171.5, 709.1431630309283],
  [1e6, 12815504.569147611],
])('logGamma(%d) is %d', (x, expected) => {
  expect(Math.abs(logGamma(x) - expected)).toBeLessThan(1e-13 * Math.max(1, expected))
})
