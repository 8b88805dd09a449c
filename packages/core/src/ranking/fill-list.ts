import type { DiverseList } from './diversify.ts'
import { violationBit } from './judge-candidates.ts'
import { createLazyOrder } from './lazy-order.ts'
import { RELAXATION_ORDER, type RelaxedConstraint } from './ranking-policy.ts'

/** A candidate taken into a list. */
export interface TakenCandidate {
  readonly position: number
  /** Bits of the constraints that it does not meet; see {@link violationBit}. */
  readonly violations: number
}

/** What {@link fillList} chooses from, one entry a candidate. */
export interface Choice {
  readonly itemRows: Int32Array
  /** Not NaN where a candidate may be taken. */
  readonly values: Float64Array
  /** Bits of the constraints that it does not meet, all of them where it may never be taken. */
  readonly violations: Uint8Array
  /** By item row: of equal values the more popular comes first. @defaultValue all alike */
  readonly popularity?: Float32Array | undefined
}

/**
 * Fills a list with candidates that meet all constraints; while places are left, with those that meet all but the first
 * constraints of {@link RELAXATION_ORDER}, one more at a time.
 *
 * @returns The candidates taken, in order, without what the list held before.
 */
export function fillList(
  list: DiverseList,
  { violations, ...choice }: Choice,
  { length, isStrict }: { readonly length: number; readonly isStrict: boolean },
): TakenCandidate[] {
  const numBefore = list.taken.length
  let given = 0
  const fill = (): void => {
    const positions = new Int32Array(violations.length)
    let numPositions = 0
    for (let i = 0; i < violations.length; i++)
      if (((violations[i] as number) & ~given) === 0) positions[numPositions++] = i
    const order = createLazyOrder(positions.subarray(0, numPositions), choice)
    list.fill(order, { length, ignoreCaps: (given & violationBit('diversity')) !== 0 })
  }
  fill()
  for (const constraint of isStrict ? [] : RELAXATION_ORDER) {
    if (list.taken.length >= length) break
    given |= violationBit(constraint)
    fill()
  }
  return list.taken.slice(numBefore).map((position, i) => {
    const isOverCap = list.overCap[numBefore + i] === true
    const capped = isOverCap ? violationBit('diversity') : 0
    return { position, violations: (violations[position] as number) | capped }
  })
}

/** Returns the constraints of bits, in the order of {@link RELAXATION_ORDER}. */
export function constraintsOf(violations: number): RelaxedConstraint[] {
  return RELAXATION_ORDER.filter((constraint) => (violations & violationBit(constraint)) !== 0)
}
