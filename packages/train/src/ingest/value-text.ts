/**
 * Returns the text of a JSON or Parquet value as a CSV would hold it; `''` for no value.
 *
 * A list is joined as a category path. A time is ISO 8601, with `Z` unless `isLocalTime`.
 */
export function valueToText(value: unknown, isLocalTime = false): string {
  if (typeof value === 'string') return value
  if (value === undefined || value === null) return ''
  if (value instanceof Date)
    return isLocalTime ? value.toISOString().slice(0, -1) : value.toISOString()
  if (Array.isArray(value)) return value.map((part) => valueToText(part)).join(' > ')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
