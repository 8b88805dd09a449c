import type { Budget } from './budget.ts'
import type { Filter } from './filter.ts'

/** How unlike each other the items of a list are to be. */
export interface DiversityPolicy {
  /** Weight of being unlike the items before, `0..1`; 0 ranks by value alone. @defaultValue 0 */
  readonly strength?: number | undefined
  /** Most items of one category, 1 or more. Items without a category are not counted. @defaultValue no limit */
  readonly maxPerCategory?: number | undefined
  /** Levels of the category path that make a category, from the widest, 1 or more. @defaultValue the whole path */
  readonly categoryLevel?: number | undefined
  /** Most items with one value of the attribute `brand`, 1 or more. Items without a brand are not counted. @defaultValue no limit */
  readonly maxPerBrand?: number | undefined
}

/** How items that were shown lately go down. */
export interface RotationPolicy {
  /** Days after which half of the effect is gone, above 0. @defaultValue 3 */
  readonly halfLifeDays?: number | undefined
}

/** An item that is to stand at a place. */
export interface PromotedItem {
  readonly itemId: string
  /** 1-based place in the list. */
  readonly slot: number
}

/** What a shop wants of one list beside its relevance. */
export interface RankingPolicy {
  /** Item ids that must not be in the list; ids that are not known are ignored. @defaultValue none */
  readonly exclude?: readonly string[] | undefined
  /** Which items may be in the list. @defaultValue all */
  readonly filter?: Filter | undefined
  /** What may be spent on one item. @defaultValue any price */
  readonly budget?: Budget | undefined
  /** @defaultValue none */
  readonly diversity?: DiversityPolicy | undefined
  /** Whether and how items shown lately go down. @defaultValue `{ halfLifeDays: 3 }` */
  readonly rotation?: RotationPolicy | false | undefined
  /** Whether the list is for somebody else: what the customer himself buys and likes weighs less. @defaultValue false */
  readonly gift?: boolean | undefined
  /** Relevance that an item needs, `0..1`: 0 is the middle candidate, 1 the best. @defaultValue none */
  readonly minRelevance?: number | undefined
  /** Items at fixed places, each item and each place once. @defaultValue none */
  readonly promoted?: readonly PromotedItem[] | undefined
  /** Whether the list is to be short rather than a constraint given up. @defaultValue false */
  readonly strict?: boolean | undefined
}

/**
 * Constraints that are given up for want of items, the first one first; each stays given up when the next one is.
 *
 * `diversity`: the most items of a category and a brand. `minRelevance`: the relevance that an item needs. `budget`: items
 * up to a fifth above the budget, cheaper ones, and those without a price. Never given up are `exclude`, `filter`, what can
 * be sold, and what a durable of the customer speaks against: a short list is better than a second washing machine.
 */
export const RELAXATION_ORDER = ['diversity', 'minRelevance', 'budget'] as const

/** One of {@link RELAXATION_ORDER}. */
export type RelaxedConstraint = (typeof RELAXATION_ORDER)[number]

/** Most entries of the lists of a policy, and the longest half-life of rotation. */
export const POLICY_LIMITS = {
  maxExclude: 10_000,
  maxPromoted: 100,
  maxHalfLifeDays: 3650,
} as const
