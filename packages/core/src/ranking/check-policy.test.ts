import { describe, expect, test } from 'vitest'
import { ItemCatalog } from '../data/item-catalog.ts'
import { checkPolicy } from './check-policy.ts'
import { ItemAttributes } from './item-attributes.ts'
import type { RankingPolicy } from './ranking-policy.ts'

const full: RankingPolicy = {
  exclude: ['a'],
  filter: { field: 'stock', min: 1 },
  budget: { min: 0, max: 3000, shape: 'near' },
  diversity: { strength: 1, maxPerCategory: 1, categoryLevel: 2, maxPerBrand: 3 },
  rotation: { halfLifeDays: 0.5 },
  gift: true,
  minRelevance: 0,
  promoted: [
    { itemId: 'a', slot: 2 },
    { itemId: 'b', slot: 1 },
  ],
  strict: true,
}

describe('checkPolicy', () => {
  test('accepts an empty and a full policy, and fields that are undefined', () => {
    checkPolicy({})
    checkPolicy(full)
    checkPolicy({ ...full, rotation: false, budget: { max: 1 } })
    checkPolicy(Object.fromEntries(Object.keys(full).map((key) => [key, undefined])))
  })

  test.each<[unknown, string]>([
    [null, '`policy`'],
    [{ k: 3 }, 'got k'],
    [{ exclude: 'a' }, '`exclude`'],
    [{ exclude: ['a', ''] }, '`exclude[1]`'],
    [{ filter: { all: [] } }, '`filter.all`'],
    [{ budget: 3000 }, '`budget`'],
    [{ budget: {} }, '`budget`'],
    [{ budget: { shape: 'near' } }, '`budget`'],
    [{ budget: { max: 0 } }, '`budget.max`'],
    [{ budget: { max: '3000' } }, '`budget.max`'],
    [{ budget: { min: -1 } }, '`budget.min`'],
    [{ budget: { min: 3, max: 2 } }, '`budget.min`'],
    [{ budget: { max: 3, shape: 'about' } }, '`budget.shape`'],
    [{ budget: { max: 3, maximum: 3 } }, 'got maximum'],
    [{ diversity: 0.5 }, '`diversity`'],
    [{ diversity: { strength: 1.1 } }, '`diversity.strength`'],
    [{ diversity: { maxPerCategory: 0 } }, '`diversity.maxPerCategory`'],
    [{ diversity: { maxPerCategory: 1, categoryLevel: 1.5 } }, '`diversity.categoryLevel`'],
    [{ diversity: { categoryLevel: 1 } }, '`diversity.categoryLevel`'],
    [{ diversity: { maxPerBrand: '2' } }, '`diversity.maxPerBrand`'],
    [{ rotation: true }, '`rotation`'],
    [{ rotation: { halfLifeDays: 0 } }, '`rotation.halfLifeDays`'],
    [{ rotation: { halfLifeDays: 4000 } }, '`rotation.halfLifeDays`'],
    [{ gift: 1 }, '`gift`'],
    [{ minRelevance: 2 }, '`minRelevance`'],
    [{ promoted: [{ itemId: 'a' }] }, '`promoted[0].slot`'],
    [{ promoted: [{ itemId: 'a', slot: 0 }] }, '`promoted[0].slot`'],
    [{ promoted: [{ slot: 1 }] }, '`promoted[0].itemId`'],
    [
      {
        promoted: [
          { itemId: 'a', slot: 1 },
          { itemId: 'a', slot: 2 },
        ],
      },
      '`promoted[1].itemId`',
    ],
    [
      {
        promoted: [
          { itemId: 'a', slot: 1 },
          { itemId: 'b', slot: 1 },
        ],
      },
      '`promoted[1].slot`',
    ],
    [{ strict: 'yes' }, '`strict`'],
  ])('refuses %j and names the field', (policy, part) => {
    expect(() => checkPolicy(policy)).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT', message: expect.stringContaining(part) }),
    )
  })

  test('says what was expected and what came', () => {
    expect(() => checkPolicy({ minRelevance: 2 })).toThrowErrorMatchingInlineSnapshot(
      `[RecommenderError: Expected \`minRelevance\` to be a finite number between 0 and 1, got 2.]`,
    )
  })

  test('refuses attributes that no item has when given the items', () => {
    const items = new ItemAttributes(new ItemCatalog([{ itemId: 'a' }]))
    const policy = { filter: { field: 'colour', in: ['red'] } }
    expect(() => checkPolicy(policy)).not.toThrow()
    expect(() => checkPolicy(policy, { items })).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT' }),
    )
  })
})
