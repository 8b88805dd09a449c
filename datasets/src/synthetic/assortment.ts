import { createRng, type ItemRecord } from '@perennial/core'
import { type LifecycleConfig, STREAM } from './lifecycle-config.ts'

/** Names of the price bands, the cheapest first. */
export const PRICE_BANDS = ['low', 'middle', 'high'] as const

/** One of {@link PRICE_BANDS}. */
export type PriceBand = (typeof PRICE_BANDS)[number]

const BAND_PRICE_FACTORS = [0.6, 1, 1.8] as const
const CHAIN_TITLES = ['starter kit', 'refill A', 'refill B'] as const
/** One copy of all categories for this many items, so that a large assortment has more categories. */
const ITEMS_PER_COPY = 420

/** A group of items that serve one purpose. */
export interface Category {
  readonly name: string
  readonly path: readonly string[]
  readonly kind: 'consumable' | 'durable' | 'accessory'
  readonly basePrice: number
  /** Days between two purchases of the typical customer; 0 unless a consumable. */
  readonly intervalDays: number
  /** `true`: starter kit, refill A, refill B, A, B, ... rather than one favourite item. */
  readonly chain: boolean
  /** Day of the year with the most demand, or `null` without a season. */
  readonly peakDay: number | null
  /** Item rows (from 1) in each price band. */
  readonly itemRows: readonly [number[], number[], number[]]
}

/** What the shop sells. */
export interface Assortment {
  /** One record an item, row 1 first. */
  readonly items: readonly ItemRecord[]
  readonly consumables: readonly Category[]
  readonly durables: readonly Category[]
  /** The accessories of `durables[i]` are `accessories[i]`. */
  readonly accessories: readonly Category[]
  /** Item rows that a random purchase may take in each band, the most popular first. */
  readonly popular: readonly [number[], number[], number[]]
}

/** Name, department, base price, interval in days, peak day or -1, chain. */
const CONSUMABLES = [
  ['Coffee beans', 'Pantry', 9.5, 28, -1, false],
  ['Tea', 'Pantry', 5.2, 50, 15, false],
  ['Cat food', 'Pets', 14, 21, -1, false],
  ['Shampoo', 'Bath', 6.4, 60, -1, false],
  ['Skin care', 'Bath', 18, 45, -1, true],
  ['Sun cream', 'Bath', 12, 40, 196, false],
  ['Vitamins', 'Health', 11, 30, 15, false],
  ['Contact lenses', 'Health', 24, 35, -1, true],
  ['Laundry detergent', 'Household', 8.8, 42, -1, false],
  ['Cleaning concentrate', 'Household', 7.2, 56, -1, true],
] as const
/** Durable, accessory, department, base price of each. */
const DURABLES = [
  ['Coffee machine', 'Descaling set', 'Kitchen', 180, 12],
  ['Blender', 'Blender cup', 'Kitchen', 75, 14],
  ['Printer', 'Ink cartridge', 'Office', 120, 28],
  ['Vacuum cleaner', 'Vacuum bags', 'Household', 150, 10],
  ['Electric toothbrush', 'Brush heads', 'Bath', 60, 16],
  ['Water filter jug', 'Filter cartridge', 'Kitchen', 30, 15],
] as const
const BRANDS = [
  'Alder',
  'Birch',
  'Cedar',
  'Dune',
  'Elm',
  'Fjord',
  'Grove',
  'Heath',
  'Iris',
  'Juniper',
] as const

/** Creates the assortment of a configuration: consumables have three times as many items as the others. */
export function createAssortment({ items: numItems, seed }: LifecycleConfig): Assortment {
  const rng = createRng(seed, STREAM.assortment)
  const numCopies = Math.max(1, Math.floor(numItems / ITEMS_PER_COPY))
  const copies = Array.from({ length: numCopies }, (_, i) => (i === 0 ? '' : ` ${i + 1}`))
  const consumables = copies.flatMap((suffix) =>
    CONSUMABLES.map(([name, department, basePrice, intervalDays, peakDay, chain]) =>
      createCategory('consumable', {
        name: name + suffix,
        department,
        basePrice,
        intervalDays,
        peakDay: peakDay < 0 ? null : peakDay,
        chain,
      }),
    ),
  )
  const durables = copies.flatMap((suffix) =>
    DURABLES.map(([name, , department, basePrice]) =>
      createCategory('durable', { name: name + suffix, department, basePrice }),
    ),
  )
  const accessories = copies.flatMap((suffix) =>
    DURABLES.map(([, name, department, , basePrice]) =>
      createCategory('accessory', { name: name + suffix, department, basePrice }),
    ),
  )
  const slots = [...consumables, ...consumables, ...consumables, ...durables, ...accessories]
  const popular: [number[], number[], number[]] = [[], [], []]
  const items = Array.from({ length: numItems }, (_, i): ItemRecord => {
    const category = slots[i % slots.length] as Category
    const numBefore = category.itemRows.reduce((sum, rows) => sum + rows.length, 0)
    const band = (numBefore % PRICE_BANDS.length) as 0 | 1 | 2
    const place = category.itemRows[band].length
    category.itemRows[band].push(i + 1)
    if (category.kind !== 'durable') popular[band].push(i + 1)
    const factor = BAND_PRICE_FACTORS[band] * (0.9 + 0.2 * rng.next())
    return {
      itemId: `SKU-${String(i + 1).padStart(6, '0')}`,
      title: titleOf(category, band, place),
      categoryPath: category.path,
      price: Math.round(category.basePrice * factor * 100) / 100,
    }
  })
  return { items, consumables, durables, accessories, popular }
}

function createCategory(
  kind: Category['kind'],
  facts: Pick<Category, 'name' | 'basePrice'> & { readonly department: string } & Partial<Category>,
): Category {
  const { name, department, basePrice, intervalDays = 0, chain = false, peakDay = null } = facts
  const path = [department, name]
  return { name, path, kind, basePrice, intervalDays, chain, peakDay, itemRows: [[], [], []] }
}

function titleOf({ name, chain }: Category, band: number, place: number): string {
  const line = chain ? Math.floor(place / CHAIN_TITLES.length) : place
  const brand = BRANDS[(line * PRICE_BANDS.length + band) % BRANDS.length]
  const part = chain ? `, ${CHAIN_TITLES[place % CHAIN_TITLES.length]}` : ''
  return `${brand} ${name.toLowerCase()}${part}, No. ${line + 1}`
}
