import { type Customer, decayedProfile } from './customer.ts'
import { type ItemLinks, type Profile, scoreLinks } from './item-links.ts'
import { ItemScores } from './item-scores.ts'
import { bestNew, type Signal } from './signal.ts'

/** Added to a score before its logarithm. */
const FLOOR = 1e-4
/** Days after which an own purchase counts half in a profile of recent purchases. */
const PROFILE_HALF_LIFE_DAYS = 90

/** Item-to-item tables that signals can be made of. */
export interface LinkTables {
  readonly coBasket?: ItemLinks | undefined
  readonly ease?: ItemLinks | undefined
}

/**
 * Returns what a customer's own items speak for: `co_basket` where that table is given, `ease` and `ease_recent` where
 * EASE's is. Recent purchases count half after 90 days, their weights sum to 1.
 */
export function createLinkSignals({ coBasket, ease }: LinkTables): Signal[] {
  const signals: Signal[] = []
  if (coBasket !== undefined) {
    signals.push(
      createLinkSignal(coBasket, {
        name: 'co_basket',
        profileOf: recentProfile,
        formula: 'co-basket links from recent purchases',
      }),
    )
  }
  if (ease !== undefined) {
    signals.push(
      createLinkSignal(ease, {
        name: 'ease',
        profileOf: ownedProfile,
        formula: 'EASE links from all own items, 1 each',
      }),
      createLinkSignal(ease, {
        name: 'ease_recent',
        profileOf: recentProfile,
        formula: 'EASE links from recent purchases',
      }),
    )
  }
  return signals
}

function createLinkSignal(
  links: ItemLinks,
  {
    name,
    profileOf,
    formula,
  }: {
    readonly name: string
    readonly profileOf: (customer: Customer) => Profile
    readonly formula: string
  },
): Signal {
  const scores = new ItemScores(links.numItems)
  let customer: Customer | undefined
  return {
    name,
    formula: `log(${FLOOR} + max(s, 0)), s = sum of profile times weight over ${formula}`,
    unit: 'log score',
    turnTo: (next) => {
      if (next === customer) return
      customer = next
      scores.clear()
      scoreLinks(links, profileOf(next), scores)
    },
    valueOf: (itemRow) => Math.log(Math.max(scores.of(itemRow), 0) + FLOOR),
    best: (count) => bestNew(scores, customer as Customer, count),
  }
}

function recentProfile(customer: Customer): Profile {
  const { itemRows, weights } = decayedProfile(customer, PROFILE_HALF_LIFE_DAYS)
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return { itemRows, weights: weights.map((weight) => weight / sum) }
}

function ownedProfile({ own }: Customer): Profile {
  const itemRows = Int32Array.from(own.keys())
  return { itemRows, weights: new Float64Array(itemRows.length).fill(1) }
}
