import { RecommenderError } from '@perennial/core'

const NEWLINE = 0x0a
const ZERO = 0x30
const NINE = 0x39

/**
 * Returns the rows of a text of unsigned integers, one array a column.
 *
 * Anything that is not a digit or a line feed separates columns; a last line without a line feed counts.
 *
 * @param fileName - Named in errors.
 * @throws {@link RecommenderError} `DATASET_MISMATCH` if a line has another number of columns.
 */
export function parseIntegerTable(
  content: Uint8Array,
  { numColumns, fileName }: { readonly numColumns: number; readonly fileName: string },
): Int32Array[] {
  const numRows = countLines(content)
  const columns = Array.from({ length: numColumns }, () => new Int32Array(numRows))
  let position = 0
  for (let row = 0; row < numRows; row++) {
    let column = 0
    while (position < content.length && content[position] !== NEWLINE) {
      if (!isDigit(content[position] as number)) {
        position++
        continue
      }
      let value = 0
      while (position < content.length && isDigit(content[position] as number)) {
        value = value * 10 + (content[position++] as number) - ZERO
      }
      const values = columns[column++]
      if (values !== undefined) values[row] = value
    }
    position++
    if (column === numColumns) continue
    throw new RecommenderError(
      'DATASET_MISMATCH',
      `Expected ${numColumns} integers in line ${row + 1} of ${fileName}, got ${column}.`,
    )
  }
  return columns
}

function countLines(content: Uint8Array): number {
  let count = 0
  for (const byte of content) if (byte === NEWLINE) count++
  return content.length > 0 && content[content.length - 1] !== NEWLINE ? count + 1 : count
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE
}
