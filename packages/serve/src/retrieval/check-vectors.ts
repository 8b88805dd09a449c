import { setImmediate } from 'node:timers/promises'
import { checkInteger, RecommenderError } from '@perennial/core'

/** Values looked at before the event loop gets its turn. */
const STEP_VALUES = 2 ** 18

/**
 * Throws `SHAPE_MISMATCH` unless a vector has `dim` finite numbers.
 *
 * @param what - What the vector is, for the message. @defaultValue 'a query'
 */
export function checkVector(vector: Float32Array, dim: number, what = 'a query'): void {
  const wrong = findNotFinite(vector, 0, vector.length)
  if (vector.length === dim && wrong < 0) return
  const got = wrong >= 0 ? `${vector[wrong]} in column ${wrong}` : `${vector.length} numbers`
  throw new RecommenderError(
    'SHAPE_MISMATCH',
    `Expected ${what} of ${dim} finite numbers, got ${got}.`,
  )
}

/** Throws `UNKNOWN_ITEM` unless `itemRow` is an integer within `1..last`. */
export function checkRow(itemRow: number, last: number): void {
  if (Number.isInteger(itemRow) && itemRow >= 1 && itemRow <= last) return
  throw new RecommenderError(
    'UNKNOWN_ITEM',
    `Expected an item row between 1 and ${last}, got ${itemRow}.`,
  )
}

/**
 * Returns the number of items of `vectors`, shape `[numItems + 1, dim]`.
 *
 * @throws {@link RecommenderError} `INVALID_OPTION` if `dim` is not an integer of 1 or more; `SHAPE_MISMATCH` if
 * `vectors` is no whole number of rows or has no row.
 */
export function checkShape(vectors: Float32Array, dim: number): number {
  checkInteger('dim', dim, 1)
  if (vectors.length > 0 && vectors.length % dim === 0) return vectors.length / dim - 1
  throw new RecommenderError(
    'SHAPE_MISMATCH',
    `Expected item vectors of shape [numItems + 1, ${dim}], got ${vectors.length} values.`,
  )
}

/** Does what {@link checkShape} does, and throws `SHAPE_MISMATCH` if a value is not finite, in slices. */
export async function checkVectors(vectors: Float32Array, dim: number): Promise<number> {
  const numItems = checkShape(vectors, dim)
  for (let start = 0; start < vectors.length; start += STEP_VALUES) {
    const wrong = findNotFinite(vectors, start, Math.min(start + STEP_VALUES, vectors.length))
    if (wrong >= 0) throw notFinite(vectors[wrong] as number, { dim, position: wrong })
    await setImmediate()
  }
  return numItems
}

/** Returns the error for a value at a position of a table of vectors. */
export function notFinite(
  value: number,
  { dim, position }: { readonly dim: number; readonly position: number },
): RecommenderError {
  return new RecommenderError(
    'SHAPE_MISMATCH',
    `Expected finite item vectors, got ${value} in item row ${Math.floor(position / dim)}, column ${position % dim}.`,
  )
}

function findNotFinite(values: Float32Array, start: number, end: number): number {
  for (let i = start; i < end; i++) if (!Number.isFinite(values[i])) return i
  return -1
}
