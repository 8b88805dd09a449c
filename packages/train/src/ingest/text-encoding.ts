import { RecommenderError } from '@perennial/core'
import iconv from 'iconv-lite'

const BYTE_ORDER_MARKS: readonly (readonly [encoding: string, bytes: readonly number[]])[] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
]

/** Starts of files that are not text, and what to do with them. */
const BINARY_STARTS: readonly (readonly [start: string, wayOut: string])[] = [
  ['PK\u0003\u0004', 'it is a zip archive or an Excel workbook (.xlsx). Export the sheet as CSV.'],
  ['\u00d0\u00cf\u0011\u00e0', 'it is an old Excel workbook (.xls). Export the sheet as CSV.'],
  ['PAR1', 'it is a Parquet file. Use --format parquet.'],
  ['ARROW1', 'it is an Arrow file. Export it as Parquet or CSV.'],
  ['%PDF', 'it is a PDF. Export the data as CSV.'],
]

/**
 * Returns the encoding of a text file: the one named, else that of its byte order mark, else `utf-8`.
 *
 * @param head - First bytes of the file, uncompressed.
 * @throws {@link RecommenderError} `INVALID_OPTION` if the encoding is unknown; `INVALID_INPUT` if the file
 * is empty or is not text.
 */
export function detectEncoding(head: Buffer, file: string, named?: string): string {
  if (head.length === 0) {
    throw new RecommenderError('INVALID_INPUT', `${file}: the file is empty. Export it again.`)
  }
  const start = head.toString('latin1', 0, 8)
  for (const [magic, wayOut] of BINARY_STARTS) {
    if (start.startsWith(magic)) {
      throw new RecommenderError('INVALID_INPUT', `${file}: this is not a text file; ${wayOut}`)
    }
  }
  if (named !== undefined) {
    if (iconv.encodingExists(named)) return named.toLowerCase()
    throw new RecommenderError(
      'INVALID_OPTION',
      `Expected \`encoding\` (--encoding) to be known to iconv, such as utf-8, gbk or latin1, got '${named}'.`,
    )
  }
  const marked = BYTE_ORDER_MARKS.find(([, bytes]) => bytes.every((byte, i) => head[i] === byte))
  if (marked !== undefined) return marked[0]
  const zero = head.indexOf(0)
  if (zero < 0) return 'utf-8'
  const line = countNewlines(head.subarray(0, zero)) + 1
  throw new RecommenderError(
    'INVALID_INPUT',
    `${file}, line ${line}: byte ${zero + 1} of the file is zero, which no text holds. If it is UTF-16, use --encoding utf-16le; else export it as CSV.`,
  )
}

function countNewlines(bytes: Buffer): number {
  let count = 0
  for (const byte of bytes) if (byte === 10) count++
  return count
}
