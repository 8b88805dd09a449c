import { describe, expect, test } from 'vitest'
import { ItemCatalog } from '../data/item-catalog.ts'
import { buildCategoryTree } from './category-tree.ts'
import { type DurabilityOverride, resolveOverrides } from './durability-overrides.ts'

const catalog = new ItemCatalog([
  { itemId: 'kettle', categoryPath: ['Kitchen', 'Kettles'] },
  { itemId: 'filter', categoryPath: ['Kitchen', 'Filters'] },
  { itemId: 'card' },
])
const tree = buildCategoryTree(catalog)

describe('resolveOverrides', () => {
  test('lets the most specific override that has a setting decide it', () => {
    const resolved = resolveOverrides(
      [
        { itemId: 'kettle', suppressDays: 700 },
        { categoryPath: ['Kitchen', 'Kettles'], kind: 'durable', suppressDays: 400 },
        { categoryPath: ['Kitchen'], kind: 'consumable', suppressDays: 10, accessoryDays: 30 },
      ],
      { catalog, tree },
    )
    expect(resolved.ofItem(1)).toEqual({ kind: 'durable', suppressDays: 700, accessoryDays: 30 })
    expect(resolved.ofItem(2)).toEqual({ kind: 'consumable', suppressDays: 10, accessoryDays: 30 })
    expect(resolved.ofItem(3)).toEqual({})
    expect(resolved.ofCategory(tree.nodeOf(['Kitchen', 'Kettles']) as number)).toEqual({
      kind: 'durable',
      suppressDays: 400,
      accessoryDays: 30,
    })
    expect(resolved.ofCategory(0)).toEqual({})
  })

  test.each([
    { override: { itemId: 'pot', suppressDays: 1 }, code: 'UNKNOWN_ITEM' },
    { override: { categoryPath: ['Garden'], suppressDays: 1 }, code: 'INVALID_OPTION' },
    { override: { categoryPath: [], suppressDays: 1 }, code: 'INVALID_OPTION' },
    { override: { categoryPath: 'Kitchen', suppressDays: 1 }, code: 'INVALID_OPTION' },
    { override: { suppressDays: 1 }, code: 'INVALID_OPTION' },
    {
      override: { itemId: 'kettle', categoryPath: ['Kitchen'], suppressDays: 1 },
      code: 'INVALID_OPTION',
    },
    { override: { itemId: 'kettle' }, code: 'INVALID_OPTION' },
    { override: { itemId: 'kettle', kind: 'solid' }, code: 'INVALID_OPTION' },
    { override: { itemId: 'kettle', suppressDays: -1 }, code: 'INVALID_OPTION' },
    { override: { itemId: 'kettle', suppressCategoryDays: 1.5 }, code: 'INVALID_OPTION' },
    { override: { itemId: 'kettle', accessoryDays: 4000 }, code: 'INVALID_OPTION' },
    { override: { itemId: 'kettle', suppresDays: 1 }, code: 'INVALID_OPTION' },
  ])('refuses $override', ({ override, code }) => {
    expect(() =>
      resolveOverrides([override as unknown as DurabilityOverride], { catalog, tree }),
    ).toThrow(expect.objectContaining({ code }))
  })

  test('refuses two for the same category', () => {
    const overrides: DurabilityOverride[] = [
      { categoryPath: ['Kitchen'], suppressDays: 1 },
      { categoryPath: ['Kitchen'], kind: 'durable' },
    ]
    expect(() => resolveOverrides(overrides, { catalog, tree })).toThrow('overrides[1]')
  })

  test('says which level of a path is not known and what is there', () => {
    expect(() =>
      resolveOverrides([{ categoryPath: ['Kitchen', 'Ketles'], kind: 'durable' }], {
        catalog,
        tree,
      }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[RecommenderError: Expected \`overrides[0].categoryPath[1]\` to be a category of the catalogue under [Kitchen] (Kettles, Filters), got 'Ketles'.]`,
    )
  })
})
