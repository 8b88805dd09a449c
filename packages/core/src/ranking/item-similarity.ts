import type { ItemAttributes } from './item-attributes.ts'
import type { PolicyContext } from './policy-context.ts'

/**
 * Returns a function that tells how alike two candidates are: the cosine of their vectors, or, where one has none, the
 * common levels of their category paths as a part of the longer path's.
 *
 * @param itemRows - Item row of each position.
 */
export function createItemSimilarity(
  itemRows: Int32Array,
  {
    attributes,
    vectorOf,
  }: { readonly attributes: ItemAttributes } & Pick<PolicyContext, 'vectorOf'>,
): (a: number, b: number) => number {
  const { categories, categoryCodes } = attributes
  // Undefined: not asked for yet; null: none, or of length 0.
  const vectors: (Float32Array | null | undefined)[] = []
  const inverseLengths = new Float64Array(itemRows.length)
  const vectorAt = (position: number): Float32Array | null => {
    const known = vectors[position]
    if (known !== undefined) return known
    const vector = vectorOf?.(itemRows[position] as number) ?? null
    const square = vector === null ? 0 : innerProduct(vector, vector)
    const kept = square > 0 ? vector : null
    vectors[position] = kept
    inverseLengths[position] = 1 / Math.sqrt(square)
    return kept
  }
  return (a, b) => {
    const vectorA = vectorAt(a)
    const vectorB = vectorAt(b)
    if (vectorA !== null && vectorB !== null) {
      const scale = (inverseLengths[a] as number) * (inverseLengths[b] as number)
      return innerProduct(vectorA, vectorB) * scale
    }
    return categories.overlap(
      categoryCodes[itemRows[a] as number] as number,
      categoryCodes[itemRows[b] as number] as number,
    )
  }
}

function innerProduct(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let d = 0; d < a.length; d++) sum += (a[d] as number) * (b[d] as number)
  return sum
}
