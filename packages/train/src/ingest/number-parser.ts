/** What separates the fraction of a number from its integer part. */
export const DECIMAL_MARKS = ['.', ','] as const

/** One of {@link DECIMAL_MARKS}. */
export type DecimalMark = (typeof DECIMAL_MARKS)[number]

/**
 * Creates a function that returns the number a text spells, or NaN.
 *
 * Without `decimal` a comma is refused, because `1,234` may be either number. With it the other mark, a
 * space or an apostrophe may separate groups of three digits: `1,234.50` for `.`, `1.234,50` for `,`.
 */
export function createNumberParser(decimal?: DecimalMark): (text: string) => number {
  if (decimal === undefined) return parsePlain
  const group = decimal === '.' ? ',' : '.'
  const grouped = new RegExp(`^[+-]?\\d{1,3}([${group}\\s'’]\\d{3})+([${decimal}]\\d*)?$`)
  const separators = new RegExp(`[${group}\\s'’]`, 'g')
  return (text) => {
    const digits = grouped.test(text.trim()) ? text.trim().replace(separators, '') : text
    if (decimal === '.') return parsePlain(digits)
    return digits.includes('.') ? Number.NaN : parsePlain(digits.replace(',', '.'))
  }
}

const NUMBER = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i

function parsePlain(text: string): number {
  // Most quantities are one or two digits; the general path costs ten times as much.
  const first = text.charCodeAt(0) - 48
  if (text.length === 1) return first >= 0 && first <= 9 ? first : Number.NaN
  const second = text.charCodeAt(1) - 48
  if (text.length === 2 && first >= 0 && first <= 9 && second >= 0 && second <= 9) {
    return first * 10 + second
  }
  if (!NUMBER.test(text)) return Number.NaN
  const value = Number(text)
  // Events hold float32; what is too large for it is no quantity or price.
  return Number.isFinite(Math.fround(value)) ? value : Number.NaN
}
