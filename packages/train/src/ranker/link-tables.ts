import { type Dataset, fitCoBasket, type LinkTables } from '@perennial/core'
import { fitEase } from '../item-links/fit-ease.ts'

/** Days after which a purchase counts half: what is bought together changes with the season. */
const CO_BASKET_HALF_LIFE_DAYS = 45
const EASE_HALF_LIFE_DAYS = 30
const CO_BASKET_LINKS = 100
/** Larger catalogues go without EASE, whose cost grows with the cube of the items. */
const MAX_EASE_ITEMS = 10_000

/** A cut and where each user's past ends. */
export interface LinkPast {
  readonly cutDay: number
  readonly ends: Int32Array
}

/** Returns a function that learns the item-to-item tables of a cut from its past, each cut once. */
export function createLinkTables(
  { sequences, catalog: { numItems } }: Dataset,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): (past: LinkPast) => Promise<LinkTables> {
  const known = new Map<number, LinkTables>()
  return async ({ cutDay, ends }) => {
    const found = known.get(cutDay)
    if (found !== undefined) return found
    const tables = {
      coBasket: fitCoBasket(sequences, ends, {
        numItems,
        asOfDay: cutDay,
        halfLifeDays: CO_BASKET_HALF_LIFE_DAYS,
        maxLinks: CO_BASKET_LINKS,
      }),
      ...(numItems > MAX_EASE_ITEMS
        ? {}
        : {
            ease: await fitEase(sequences, ends, {
              numItems,
              asOfDay: cutDay,
              halfLifeDays: EASE_HALF_LIFE_DAYS,
              signal,
            }),
          }),
    }
    known.set(cutDay, tables)
    return tables
  }
}
