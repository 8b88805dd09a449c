import { RecommenderError } from '../errors.ts'
import type { AttributeColumn } from './attribute-column.ts'
import { createDiverseList, type DiverseListOptions } from './diversify.ts'
import { constraintsOf, fillList } from './fill-list.ts'
import type { ItemAttributes } from './item-attributes.ts'
import { createItemSimilarity } from './item-similarity.ts'
import {
  createHardConstraints,
  FORBIDDEN,
  judgeCandidates,
  type PolicyCounts,
} from './judge-candidates.ts'
import { insertPromoted, placePromoted, type SkippedPromotion } from './place-promoted.ts'
import type { OwnedItem, PolicyCandidates, PolicyContext } from './policy-context.ts'
import type { DiversityPolicy, RankingPolicy, RelaxedConstraint } from './ranking-policy.ts'
import { valueCandidates } from './value-candidates.ts'

/** One item of a list. */
export interface PolicyItem {
  readonly itemRow: number
  /** Place among the candidates; -1 for a promoted item that is none. */
  readonly position: number
  /** The candidate's score, as it came; `null` for a promoted item that is no candidate. */
  readonly score: number | null
  /** 0 for the middle candidate and below, 1 for the best; 0 for a promoted item that is no candidate. */
  readonly relevance: number
  readonly isPromoted: boolean
  /** Constraints that it does not meet, in the order of {@link RELAXATION_ORDER}; empty for a promoted item. */
  readonly relaxed: readonly RelaxedConstraint[]
  /** What the customer owns that it is an accessory of. */
  readonly accessoryOf?: OwnedItem | undefined
}

/** A list, and how it came about. */
export interface PolicyResult {
  /** In list order. */
  readonly items: readonly PolicyItem[]
  readonly counts: PolicyCounts
  /** Constraints that some item does not meet, in the order of {@link RELAXATION_ORDER}. */
  readonly relaxed: readonly RelaxedConstraint[]
  /** Promoted items that are not in the list. */
  readonly skippedPromotions: readonly SkippedPromotion[]
}

/**
 * Chooses a list from candidates by a policy. Pure: the same arguments give the same list, in whatever order the
 * candidates come.
 *
 * 1. Promoted items that hard constraints allow get their places; they count for the most items of a category and a brand.
 * 2. The best candidates that meet every constraint fill the other places, each by its value and, with diversity, by how
 *    unlike the items before it is; of equals the more popular first, then the lower item row.
 * 3. If places are left and the policy is not strict, constraints are given up one after another in the order of
 *    {@link RELAXATION_ORDER}, and what that allows fills up. So the strict list is always the beginning of the relaxed one,
 *    promoted places aside.
 *
 * @param policy - Checked by {@link checkPolicy}.
 * @throws {@link RecommenderError} `SHAPE_MISMATCH` if the columns of the candidates differ in length.
 */
export function applyPolicy(
  candidates: PolicyCandidates,
  policy: RankingPolicy,
  context: PolicyContext,
): PolicyResult {
  checkColumns(candidates)
  const { attributes, vectorOf, suppressed, k } = context
  const { budget, diversity = {}, promoted = [], strict = false } = policy
  const { itemRows } = candidates
  const hard = createHardConstraints(policy, context)
  const prices = budget === undefined ? undefined : attributes.pricesOf(itemRows)
  const worth = valueCandidates(candidates, policy, { context, prices })
  const { violations, counts } = judgeCandidates(candidates, policy, {
    hard,
    worth,
    prices,
    suppressed,
  })
  const { placed, skipped } = placePromoted(promoted, { hard, attributes, k })

  // Promoted items stand behind the candidates, whether or not they are among them.
  const allRows = new Int32Array(itemRows.length + placed.size)
  allRows.set(itemRows)
  allRows.set([...placed.values()], itemRows.length)
  const values = new Float64Array(allRows.length)
  values.set(worth.values)
  const list = createDiverseList(values, {
    strength: diversity.strength ?? 0,
    similarity: createItemSimilarity(allRows, { attributes, vectorOf }),
    caps: capsOf(diversity, attributes, allRows),
  })
  for (let position = itemRows.length; position < allRows.length; position++) list.take(position)
  for (const itemRow of placed.values()) {
    const position = itemRows.indexOf(itemRow)
    if (position >= 0) violations[position] = FORBIDDEN
  }
  const choice = { itemRows, values, violations, popularity: context.popularity }
  const taken = fillList(list, choice, { length: k, isStrict: strict })

  const describe = createDescriber(candidates, worth.relevance, context)
  const items = taken.map(({ position, violations: unmet }) => ({
    ...describe(itemRows[position] as number, position),
    isPromoted: false,
    relaxed: constraintsOf(unmet),
  }))
  const atSlots = new Map(
    Array.from(placed, ([slot, itemRow]) => {
      const described = describe(itemRow, itemRows.indexOf(itemRow))
      return [slot, { ...described, isPromoted: true, relaxed: [] }]
    }),
  )
  const unmet = taken.reduce((bits, { violations: found }) => bits | found, 0)
  return {
    items: insertPromoted<PolicyItem>(items, atSlots),
    counts,
    relaxed: constraintsOf(unmet),
    skippedPromotions: skipped,
  }
}

function checkColumns({
  itemRows,
  scores,
  isOwn = new Uint8Array(itemRows.length),
}: PolicyCandidates): void {
  if (itemRows.length === scores.length && itemRows.length === isOwn.length) return
  throw new RecommenderError(
    'SHAPE_MISMATCH',
    `Expected candidates with columns of one length, got ${itemRows.length} item rows, ${scores.length} scores and ${isOwn.length} flags.`,
  )
}

function capsOf(
  { maxPerCategory, categoryLevel = Infinity, maxPerBrand }: DiversityPolicy,
  attributes: ItemAttributes,
  itemRows: Int32Array,
): DiverseListOptions['caps'] {
  const { categories, categoryCodes } = attributes
  const caps: DiverseListOptions['caps'][number][] = []
  if (maxPerCategory !== undefined) {
    const groupOf = (position: number): number => {
      const code = categoryCodes[itemRows[position] as number] as number
      return categories.atLevel(code, categoryLevel) || -1
    }
    caps.push({ max: maxPerCategory, groupOf })
  }
  const brands: AttributeColumn | undefined = attributes.columnOf('brand')
  if (maxPerBrand !== undefined && brands?.kind === 'text') {
    const { codes } = brands
    caps.push({
      max: maxPerBrand,
      groupOf: (position) => codes[itemRows[position] as number] || -1,
    })
  }
  return caps
}

function createDescriber(
  { scores }: PolicyCandidates,
  relevance: Float64Array,
  { accessoryOf }: PolicyContext,
): (itemRow: number, position: number) => Omit<PolicyItem, 'isPromoted' | 'relaxed'> {
  return (itemRow, position) => {
    const owned = accessoryOf?.get(itemRow)
    return {
      itemRow,
      position,
      score: scores[position] ?? null,
      relevance: relevance[position] ?? 0,
      ...(owned === undefined ? {} : { accessoryOf: owned }),
    }
  }
}
