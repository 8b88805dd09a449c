import { RecommenderError } from '@perennial/core'
import iconv from 'iconv-lite'
import {
  type ByteStreamOptions,
  describeReadError,
  openByteStream,
  readHead,
} from './byte-stream.ts'
import { readTextBlocks, type TextBlock } from './text-blocks.ts'
import { detectEncoding } from './text-encoding.ts'

const HEAD_BYTES = 1 << 18

/** A text file: its first lines, and all of it as blocks of lines. */
export interface TextSource {
  readonly encoding: string
  /** The first lines, without the last one if it may be cut. */
  readonly head: readonly string[]
  readBlocks(): AsyncGenerator<TextBlock>
}

/** Options of {@link openTextSource}. */
export interface TextSourceOptions extends ByteStreamOptions {
  /** Name known to iconv. @defaultValue the byte order mark, else utf-8 */
  readonly encoding?: string | undefined
}

/**
 * Opens a text file and detects its encoding.
 *
 * @throws {@link RecommenderError} `INVALID_INPUT` if the file is missing, empty or not text.
 */
export async function openTextSource(
  file: string,
  { encoding: named, ...streamOptions }: TextSourceOptions,
): Promise<TextSource> {
  const bytes = await readHead(file, HEAD_BYTES).catch((cause: unknown) => {
    throw describeReadError(file, cause)
  })
  const encoding = detectEncoding(bytes, file, named)
  const head = iconv.decode(bytes, encoding).split(/\r\n?|\n/)
  if (bytes.length === HEAD_BYTES) head.pop()
  if (head.every((line) => line.trim() === '')) {
    throw new RecommenderError('INVALID_INPUT', `${file}: the file holds no text. Export it again.`)
  }
  return {
    encoding,
    head,
    readBlocks: () => readTextBlocks(openByteStream(file, streamOptions), { file, encoding }),
  }
}
