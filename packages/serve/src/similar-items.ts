import type { Filter } from '@perennial/core'
import type { RecommendResponse } from './recommendation.ts'

/** Which items are wanted that are like one. */
export interface SimilarItemsRequest {
  readonly itemId: string
  /** Most items wanted, `1..1000`. @defaultValue 10 */
  readonly k?: number | undefined
  readonly exclude?: readonly string[] | undefined
  readonly filter?: Filter | undefined
}

/** Items like one, best first. */
export interface SimilarItemsResponse
  extends Pick<RecommendResponse, 'recommendationId' | 'modelVersion' | 'items' | 'candidates'> {
  /** `vectors`: by angle of item vectors. `category`: the popular ones of its category, as the item has no vector. */
  readonly path: 'vectors' | 'category'
}
