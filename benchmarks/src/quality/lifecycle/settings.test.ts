import { DEFAULT_CANDIDATE_SIZES } from '@perennial/core'
import { expect, test } from 'vitest'
import { changeSettings, SHOP_SETTINGS, VARIANTS } from './settings.ts'

test('changeSettings changes one lever and keeps the rest', () => {
  const changed = changeSettings(SHOP_SETTINGS, 'without-user-knn')
  expect(changed).toEqual({
    ...SHOP_SETTINGS,
    sizes: { ...DEFAULT_CANDIDATE_SIZES, user_knn: 0 },
    ranker: { excludeFeatures: ['score.user_knn'] },
  })
  expect(changeSettings(SHOP_SETTINGS, undefined)).toEqual(SHOP_SETTINGS)
})

test.each(Object.keys(VARIANTS))('variant %s changes something', (variant) => {
  expect(changeSettings(SHOP_SETTINGS, variant)).not.toEqual(SHOP_SETTINGS)
})
