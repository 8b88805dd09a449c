import {
  createLinkSignals,
  createNeighborSignals,
  type Dataset,
  fitCoBasket,
  type ItemLinks,
  type Signal,
} from '@perennial/core'
import { fitEase, type Past } from '@perennial/train'

/** Tables from item to item that signals may be made of. */
export const LINK_KINDS = ['co_basket', 'ease'] as const
/** One of {@link LINK_KINDS}. */
export type LinkKind = (typeof LINK_KINDS)[number]

/** Makes all that scores items for a customer, learned from what is known at a cut. */
export type SignalSource = (
  dataset: Dataset,
  past: Past,
  links: readonly LinkKind[],
) => Promise<Signal[]>

/** Returns a source of signals for one data set, which learns each table of a cut once. */
export function createSignalSource(signal: AbortSignal): SignalSource {
  const learned = new Map<string, ItemLinks>()
  return async ({ sequences, catalog }, { state, cutDay, ends }, links) => {
    const options = { numItems: catalog.numItems, asOfDay: cutDay, signal }
    const tableOf = async (kind: LinkKind): Promise<ItemLinks | undefined> => {
      if (!links.includes(kind)) return undefined
      const key = `${kind} ${cutDay}`
      const table =
        learned.get(key) ??
        (kind === 'co_basket'
          ? fitCoBasket(sequences, ends, options)
          : await fitEase(sequences, ends, options))
      learned.set(key, table)
      return table
    }
    return [
      ...createNeighborSignals(state.population),
      ...createLinkSignals({ coBasket: await tableOf('co_basket'), ease: await tableOf('ease') }),
    ]
  }
}
