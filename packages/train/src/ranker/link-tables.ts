import { type Dataset, fitCoBasket, type LinkTables } from '@perennial/core'
import { fitEase } from '../item-links/fit-ease.ts'

/** Which item-to-item tables are learned, and how; `null` leaves one out. */
export interface LinkSettings {
  readonly coBasket: {
    /** Days after which a visit counts half. */
    readonly halfLifeDays: number
    /** Links kept an item. */
    readonly maxLinks: number
  } | null
  readonly ease: {
    /** Days after which a purchase counts half; `null` for purchases that do not fade. */
    readonly halfLifeDays: number | null
  } | null
}

/** What did best on validation cuts of Online Retail II: what is bought together changes with the season. */
export const DEFAULT_LINKS: LinkSettings = {
  coBasket: { halfLifeDays: 45, maxLinks: 100 },
  ease: { halfLifeDays: 30 },
}

/** Larger catalogues go without EASE unless asked, since its cost grows with the cube of the items. */
const MAX_EASE_ITEMS = 10_000

/** Returns the links that suit a catalogue. */
export function defaultLinks(numItems: number): LinkSettings {
  return numItems > MAX_EASE_ITEMS ? { ...DEFAULT_LINKS, ease: null } : DEFAULT_LINKS
}

/** A cut and where each user's past ends. */
export interface LinkPast {
  readonly cutDay: number
  readonly ends: Int32Array
}

/** Returns a function that learns the item-to-item tables of a cut from its past, each cut once. */
export function createLinkTables(
  { sequences, catalog: { numItems } }: Dataset,
  { coBasket, ease }: LinkSettings,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): (past: LinkPast) => Promise<LinkTables> {
  const known = new Map<number, LinkTables>()
  return async ({ cutDay, ends }) => {
    const found = known.get(cutDay)
    if (found !== undefined) return found
    const options = { numItems, asOfDay: cutDay }
    const tables = {
      ...(coBasket && { coBasket: fitCoBasket(sequences, ends, { ...options, ...coBasket }) }),
      ...(ease && {
        ease: await fitEase(sequences, ends, {
          ...options,
          halfLifeDays: ease.halfLifeDays ?? undefined,
          signal,
        }),
      }),
    }
    known.set(cutDay, tables)
    return tables
  }
}
