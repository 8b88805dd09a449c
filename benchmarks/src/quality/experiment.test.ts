import { expect, test } from 'vitest'
import { beauty } from './configs/beauty.ts'
import { ml1m } from './configs/ml-1m.ts'
import { settingsOf } from './experiment.ts'

test('settingsOf changes one lever of the experiment and keeps the rest', () => {
  expect(settingsOf(ml1m, 'dim-64')).toEqual({
    ...ml1m.fit,
    encoder: { ...ml1m.fit.encoder, dim: 64, feedForwardDim: 128 },
  })
  expect(settingsOf(ml1m, undefined)).toEqual(ml1m.fit)
})

test.each([ml1m, beauty])('every variant of $name changes something', (experiment) => {
  for (const variant of Object.keys(experiment.variants))
    expect(settingsOf(experiment, variant), variant).not.toEqual(experiment.fit)
})
