import { BUDGET_SHAPES } from './budget.ts'
import { type CheckFilterOptions, checkFilter } from './check-filter.ts'
import {
  checkInputFlag,
  checkInputList,
  checkInputNumber,
  checkInputText,
  checkObject,
  rejectInput,
} from './input-checks.ts'
import { POLICY_LIMITS, type RankingPolicy } from './ranking-policy.ts'

const KEYS = [
  'exclude',
  'filter',
  'budget',
  'diversity',
  'rotation',
  'gift',
  'minRelevance',
  'promoted',
  'strict',
] as const satisfies readonly (keyof RankingPolicy)[]

/**
 * Checks a policy that came from outside.
 *
 * @param options - `items`: items whose attributes the filter may name; any name when absent.
 * @throws {@link RecommenderError} `INVALID_INPUT` naming the field, such as `budget.max`.
 */
export function checkPolicy(
  value: unknown,
  { items }: Pick<CheckFilterOptions, 'items'> = {},
): asserts value is RankingPolicy {
  const policy = checkObject('policy', value, KEYS)
  const { exclude, filter, budget, diversity, rotation, gift, minRelevance, promoted, strict } =
    policy
  if (exclude !== undefined) {
    checkInputList('exclude', exclude, { max: POLICY_LIMITS.maxExclude, of: 'item ids' })
    exclude.forEach((itemId, i) => {
      checkInputText(`exclude[${i}]`, itemId)
    })
  }
  if (filter !== undefined) checkFilter(filter, { items })
  if (budget !== undefined) checkBudget(budget)
  if (diversity !== undefined) checkDiversity(diversity)
  if (rotation !== undefined && rotation !== false) checkRotation(rotation)
  if (gift !== undefined) checkInputFlag('gift', gift)
  if (minRelevance !== undefined) checkInputNumber('minRelevance', minRelevance, { min: 0, max: 1 })
  if (promoted !== undefined) checkPromoted(promoted)
  if (strict !== undefined) checkInputFlag('strict', strict)
}

function checkBudget(value: unknown): void {
  const { min, max, shape } = checkObject('budget', value, ['min', 'max', 'shape'])
  if (min === undefined && max === undefined)
    rejectInput('budget', 'have `min`, `max` or both', 'neither')
  if (min !== undefined) checkInputNumber('budget.min', min, { min: 0 })
  if (max !== undefined) checkInputNumber('budget.max', max, { min: 0 })
  if (max === 0) rejectInput('budget.max', 'be above 0', max)
  if ((min as number) > (max as number)) rejectInput('budget.min', 'be `max` or less', min)
  if (shape !== undefined && !(BUDGET_SHAPES as readonly unknown[]).includes(shape))
    rejectInput('budget.shape', `be one of ${BUDGET_SHAPES.join(', ')}`, shape)
}

function checkDiversity(value: unknown): void {
  const caps = ['maxPerCategory', 'categoryLevel', 'maxPerBrand'] as const
  const diversity = checkObject('diversity', value, ['strength', ...caps])
  const { strength } = diversity
  if (strength !== undefined) checkInputNumber('diversity.strength', strength, { min: 0, max: 1 })
  for (const key of caps) {
    const limit = diversity[key]
    if (limit !== undefined)
      checkInputNumber(`diversity.${key}`, limit, { min: 1, isInteger: true })
  }
  if (diversity.categoryLevel !== undefined && diversity.maxPerCategory === undefined)
    rejectInput('diversity.categoryLevel', 'come with `maxPerCategory`', 'it alone')
}

function checkRotation(value: unknown): void {
  if (value === true) rejectInput('rotation', 'be false or an object', value)
  const { halfLifeDays } = checkObject('rotation', value, ['halfLifeDays'])
  if (halfLifeDays === undefined) return
  const max = POLICY_LIMITS.maxHalfLifeDays
  checkInputNumber('rotation.halfLifeDays', halfLifeDays, { min: 0, max })
  if (halfLifeDays === 0) rejectInput('rotation.halfLifeDays', 'be above 0', halfLifeDays)
}

function checkPromoted(promoted: unknown): void {
  checkInputList('promoted', promoted, { max: POLICY_LIMITS.maxPromoted, of: 'items' })
  const itemIds = new Set<string>()
  const slots = new Set<number>()
  promoted.forEach((value, i) => {
    const path = `promoted[${i}]`
    const { itemId, slot } = checkObject(path, value, ['itemId', 'slot'])
    checkInputText(`${path}.itemId`, itemId)
    checkInputNumber(`${path}.slot`, slot, { min: 1, isInteger: true })
    if (itemIds.has(itemId))
      rejectInput(`${path}.itemId`, 'be another item than the ones before', itemId)
    if (slots.has(slot)) rejectInput(`${path}.slot`, 'be another place than the ones before', slot)
    itemIds.add(itemId)
    slots.add(slot)
  })
}
