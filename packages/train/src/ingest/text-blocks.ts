import { isUtf8 } from 'node:buffer'
import { RecommenderError } from '@perennial/core'
import iconv from 'iconv-lite'
import { describeReadError } from './byte-stream.ts'

/** A line longer than this is taken for a file that is no table. */
const MAX_LINE_LENGTH = 16 << 20

/** Whole lines of a file. */
export interface TextBlock {
  /** Lines joined and ended by `\n`, whatever the file uses. */
  readonly text: string
  /** 1-based number of the first line. */
  readonly firstLine: number
}

/**
 * Decodes bytes into blocks of whole lines. `\r\n` and `\r` become `\n`; a byte order mark is removed.
 *
 * @throws {@link RecommenderError} `INVALID_INPUT` if bytes are not valid in the encoding.
 */
export async function* readTextBlocks(
  bytes: AsyncIterable<Buffer>,
  { file, encoding }: { readonly file: string; readonly encoding: string },
): AsyncGenerator<TextBlock> {
  let firstLine = 1
  let rest = ''
  const takeLines = (text: string, isLast: boolean): TextBlock | undefined => {
    const cut = isLast ? text.length : text.lastIndexOf('\n') + 1
    rest = text.slice(cut)
    if (rest.length > MAX_LINE_LENGTH) throw describeLongLine(file, firstLine)
    const block = { text: text.slice(0, cut), firstLine }
    firstLine += countLines(block.text)
    return cut === 0 ? undefined : block
  }
  const decode = createDecoder(encoding, (head, broken) =>
    describeBrokenBytes({ file, encoding, firstLine, before: rest + head, broken }),
  )
  let isFirst = true
  try {
    for await (const chunk of bytes) {
      let decoded = decode(chunk)
      if (isFirst && decoded.startsWith('\ufeff')) decoded = decoded.slice(1)
      if (decoded !== '') isFirst = false
      const block = takeLines(normalizeNewlines(rest + decoded, false), false)
      if (block !== undefined) yield block
    }
    const last = normalizeNewlines(rest + decode(undefined), true)
    const block = takeLines(last === '' || last.endsWith('\n') ? last : `${last}\n`, true)
    if (block !== undefined) yield block
  } catch (error) {
    throw describeReadError(file, error, firstLine - 1)
  }
}

/** Returns a function that decodes one chunk after the other; `undefined` ends the text. */
function createDecoder(
  encoding: string,
  describe: (head: string, broken: string) => RecommenderError,
): (chunk: Buffer | undefined) => string {
  if (encoding !== 'utf-8' && encoding !== 'utf8') {
    const decoder = iconv.getDecoder(encoding)
    return (chunk) => {
      const text = chunk === undefined ? (decoder.end() ?? '') : decoder.write(chunk)
      const start = text.indexOf('\ufffd')
      if (start >= 0) throw describe(text.slice(0, start), 'some bytes')
      return text
    }
  }
  let pending: Buffer = Buffer.alloc(0)
  return (chunk) => {
    const data = chunk === undefined ? pending : joinBytes(pending, chunk)
    const end = chunk === undefined ? data.length : endOfCharacters(data)
    pending = data.subarray(end)
    const whole = data.subarray(0, end)
    if (isUtf8(whole)) return whole.toString('utf8')
    const start = firstInvalid(whole)
    const bytes = whole.toString('hex', start, start + 2).toUpperCase()
    throw describe(whole.toString('utf8', 0, start), `the bytes ${bytes}`)
  }
}

function joinBytes(before: Buffer, after: Buffer): Buffer {
  return before.length === 0 ? after : Buffer.concat([before, after])
}

/** Position after the last whole UTF-8 character. */
function endOfCharacters(data: Buffer): number {
  let start = data.length - 1
  while (start >= 0 && start > data.length - 4 && ((data[start] as number) & 0xc0) === 0x80) start--
  const lead = data[start] ?? 0
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1
  return start >= 0 && start + length > data.length ? start : data.length
}

/** Position of the first byte that is not UTF-8, by halving. */
function firstInvalid(data: Buffer): number {
  let valid = 0
  let invalid = data.length
  while (invalid - valid > 1) {
    const middle = (valid + invalid) >> 1
    const end = endOfCharacters(data.subarray(0, middle))
    if (isUtf8(data.subarray(0, end))) valid = middle
    else invalid = middle
  }
  return endOfCharacters(data.subarray(0, valid))
}

function describeBrokenBytes(found: {
  readonly file: string
  readonly encoding: string
  readonly firstLine: number
  /** Text from `firstLine` to the broken bytes. */
  readonly before: string
  readonly broken: string
}): RecommenderError {
  const { file, encoding, firstLine, before, broken } = found
  const lines = normalizeNewlines(before, true).split('\n')
  const line = firstLine + lines.length - 1
  const start = lines.at(-1) ?? ''
  return new RecommenderError(
    'INVALID_INPUT',
    `${file}, line ${line}, character ${start.length + 1}, after '${start.slice(-40)}': ${broken} are not ${encoding}. Name the encoding, for example --encoding gbk (Chinese) or --encoding latin1 (Western European).`,
  )
}

/** A `\r` at the end stays as it is until the next chunk shows whether a `\n` follows. */
function normalizeNewlines(text: string, isLast: boolean): string {
  if (!text.includes('\r')) return text
  return text.replace(isLast ? /\r\n?/g : /\r\n|\r(?!$)/g, '\n')
}

function countLines(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++
  return count
}

function describeLongLine(file: string, line: number): RecommenderError {
  return new RecommenderError(
    'INVALID_INPUT',
    `${file}, line ${line}: the line is longer than ${MAX_LINE_LENGTH} characters, so this is no table of rows. Export it as CSV with one row a line.`,
  )
}
