import { applyPolicy, checkInteger, checkPolicy, RecommenderError } from '@perennial/core'
import { findAllowedItems } from './allowed-items.ts'
import { describeItem } from './describe-items.ts'
import { checkId, checkLength, REQUEST_LIMITS } from './read-value.ts'
import { createRecommendationId } from './recommendation-id.ts'
import type { ServedModel } from './served-model.ts'
import type { SimilarItemsRequest, SimilarItemsResponse } from './similar-items.ts'

/** Items looked at for each one wanted: the largest inner products are not the smallest angles. */
const FETCH_FACTOR = 5
const MIN_FETCH = 100

/**
 * Returns the items most like one, itself left out.
 *
 * @throws {@link RecommenderError} `UNKNOWN_ITEM` if nobody named the item; `INVALID_INPUT` or `INVALID_OPTION` naming
 * the field.
 */
export async function findSimilarItems(
  model: ServedModel,
  { itemId, k = 10, exclude = [], filter }: SimilarItemsRequest,
  nowMs: number,
): Promise<SimilarItemsResponse> {
  checkId('itemId', itemId)
  checkInteger('k', k, 1, REQUEST_LIMITS.maxK)
  checkLength('exclude', exclude, REQUEST_LIMITS.maxExclude)
  const { attributes, index, popular, modelVersion } = model
  checkPolicy({ exclude, filter }, { items: attributes })
  const policy = { exclude: [...exclude, itemId], filter }
  const itemRow = attributes.rowOf(itemId)
  if (itemRow === undefined) {
    throw new RecommenderError('UNKNOWN_ITEM', `Expected a known item, got '${itemId}'.`)
  }
  const { allowed, counts } = findAllowedItems(model, policy, nowMs)
  const vector = new Float32Array(index.dim)
  index.readVector(itemRow, vector, 0)
  const length = Math.hypot(...vector)
  const byVectors = length > 0
  const candidates = byVectors ? await byAngle() : byCategory()
  const { items, counts: policyCounts } = applyPolicy(candidates, policy, {
    k,
    asOfMs: nowMs,
    attributes,
    filterFlags: filter && model.filters.resolve(filter),
    offerable: model.availability.at(nowMs).flags,
    popularity: popular.popularity,
  })
  return {
    recommendationId: createRecommendationId({ modelVersion, path: 'similar' }),
    modelVersion,
    path: byVectors ? 'vectors' : 'category',
    items: items.map(({ itemRow: row, score }, i) => ({
      ...describeItem(model, row, nowMs),
      rank: i + 1,
      score,
      trained: model.isTrained(row),
    })),
    candidates: { ...counts, ranked: candidates.itemRows.length, policy: policyCounts },
  }

  async function byAngle() {
    const fetch = Math.min(attributes.numItems, Math.max(MIN_FETCH, FETCH_FACTOR * k))
    const { itemRows } = await index.search(vector, fetch, { allowed })
    const other = new Float32Array(index.dim)
    const scores = Float32Array.from(itemRows, (row) => {
      index.readVector(row, other, 0)
      return index.score(vector, row) / (length * Math.hypot(...other) || 1)
    })
    return { itemRows, scores }
  }

  function byCategory() {
    const path = attributes.categoryPathOf(itemRow as number)
    const { numItems } = attributes
    const { categories, categoryCodes } = attributes
    const own = categoryCodes[itemRow as number] as number
    const fetch = Math.max(MIN_FETCH, FETCH_FACTOR * k)
    const isOwn = Uint8Array.from(categories.paths, (_, code) =>
      categories.atLevel(code, path.length) === own ? 1 : 0,
    )
    const flags = new Uint8Array(numItems + 1)
    for (let row = 1; row <= numItems; row++)
      if (allowed?.[row] !== 0) flags[row] = isOwn[categoryCodes[row] as number] as number
    const itemRows = Int32Array.from(popular.best(fetch, { allowed: flags, numItems }))
    return { itemRows, scores: Float32Array.from(itemRows, (row) => popular.popularityOf(row)) }
  }
}
