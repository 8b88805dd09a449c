import { describeAccessory, describeBudgetFit, type PolicyItem, type Reason } from '@perennial/core'
import type { Candidates } from './candidates.ts'
import type { Question } from './read-request.ts'
import type { Recommendation } from './recommendation.ts'
import type { ServedModel } from './served-model.ts'

/** What an answer says of an item whatever its place. */
type ItemFacts = Pick<
  Recommendation,
  'itemId' | 'title' | 'price' | 'stock' | 'priceAsOf' | 'isStale'
>

// Built field by field: lists are described thousands of times a second, and spread objects cost most of that.
type Writable<T> = { -readonly [K in keyof T]: T[K] }

/** Why the items of a list are there, one entry an item. */
export interface ItemReasons {
  /** From the parts of the scores; `undefined` where no reason is wanted or the item was not ranked. */
  readonly reasons: readonly (Reason | undefined)[]
  /** Whether reasons are wanted. */
  readonly explain: boolean
}

/** Returns the items of a list as an answer tells them. */
export function describeItems(
  model: Pick<ServedModel, 'attributes' | 'availability' | 'isTrained'>,
  chosen: readonly PolicyItem[],
  {
    candidates,
    question: { policy, asOfMs },
    reasons,
    explain,
  }: ItemReasons & {
    readonly candidates: Candidates
    readonly question: Pick<Question, 'policy' | 'asOfMs'>
  },
): Recommendation[] {
  const { attributes } = model
  return chosen.map((item, i) => {
    const { itemRow, position, score, isPromoted } = item
    const forecast = position < 0 ? undefined : candidates.forecastOf(position)
    const also = explain ? furtherReasons(item, reasons[i]) : []
    const [reason, ...others] = [reasons[i], ...also].filter((one) => one !== undefined)
    return {
      ...describeItem(model, itemRow, asOfMs),
      rank: i + 1,
      score,
      ...(isPromoted ? { isPromoted: true as const } : {}),
      ...(reason === undefined ? {} : { reason }),
      ...(others.length === 0 ? {} : { alsoReasons: others }),
      ...(forecast === undefined ? {} : { forecast }),
      trained: model.isTrained(itemRow),
    }
  })

  function furtherReasons(
    { itemRow, accessoryOf }: PolicyItem,
    main: Reason | undefined,
  ): Reason[] {
    const found: Reason[] = []
    if (accessoryOf !== undefined) found.push(describeAccessory(accessoryOf, attributes))
    const category = attributes.categoryPathOf(itemRow)
    if (category.length > 0 && !model.isTrained(itemRow))
      found.push({ code: 'new-in-category', category })
    else if (category.length > 0 && main?.code === 'popular')
      found.push({ code: 'popular-in-category', category })
    const { budget } = policy
    const fit = budget && describeBudgetFit(budget, attributes.priceOf(itemRow))
    if (fit !== undefined) found.push(fit)
    return found
  }
}

/** Returns what an answer says of an item whatever its place. */
export function describeItem(
  { attributes, availability }: Pick<ServedModel, 'attributes' | 'availability'>,
  itemRow: number,
  asOfMs: number,
): ItemFacts {
  const item: Writable<ItemFacts> = { itemId: attributes.idOf(itemRow) }
  const title = attributes.titleOf(itemRow)
  if (title !== undefined) item.title = title
  const price = attributes.priceOf(itemRow)
  if (price !== undefined) item.price = price
  const stock = attributes.valueOf(itemRow, 'stock') as number | undefined
  if (stock !== undefined) item.stock = stock
  if (price === undefined && stock === undefined) return item
  item.priceAsOf = new Date(availability.asOfMs(itemRow)).toISOString()
  if (availability.isStale(itemRow, asOfMs)) item.isStale = true
  return item
}
