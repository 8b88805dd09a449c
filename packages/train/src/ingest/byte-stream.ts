import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { RecommenderError } from '@perennial/core'

const CHUNK_BYTES = 1 << 18

/** Options of {@link openByteStream}. */
export interface ByteStreamOptions {
  readonly signal?: AbortSignal | undefined
  /** Called with the number of bytes read from disk since the last call. */
  readonly onBytes?: ((numBytes: number) => void) | undefined
}

/** Returns the size of a file in bytes. Throws `INVALID_INPUT` if there is none. */
export async function fileSize(path: string): Promise<number> {
  const info = await stat(path).catch((cause: unknown) => {
    throw describeReadError(path, cause)
  })
  if (info.isFile()) return info.size
  throw new RecommenderError(
    'INVALID_INPUT',
    `Expected ${path} to be a file, got a folder. Name the files in it.`,
  )
}

/** Reads a file from the start, uncompressed when it is gzip, in chunks of 256 kB. */
export async function* openByteStream(
  path: string,
  { signal, onBytes }: ByteStreamOptions = {},
): AsyncGenerator<Buffer> {
  const isGzip = await hasGzipMagic(path)
  async function* readFile(): AsyncGenerator<Buffer> {
    for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES })) {
      signal?.throwIfAborted()
      onBytes?.(chunk.length)
      yield chunk
    }
  }
  // An error of the file ends the stream of the unzipped bytes, where it is thrown.
  yield* isGzip
    ? pipeline(readFile, createGunzip({ chunkSize: CHUNK_BYTES }), () => undefined)
    : readFile()
}

/** Returns the first bytes of a file, uncompressed, at most `numBytes`. */
export async function readHead(path: string, numBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of openByteStream(path)) {
    chunks.push(chunk)
    length += chunk.length
    if (length >= numBytes) break
  }
  return Buffer.concat(chunks).subarray(0, numBytes)
}

/** Returns an error that names the file, how far it was read, and a way out. Passes our own errors on. */
export function describeReadError(path: string, cause: unknown, line?: number): unknown {
  if (cause instanceof RecommenderError || !(cause instanceof Error)) return cause
  if (cause.name === 'AbortError') return cause
  const where = line === undefined ? path : `${path}, after line ${line}`
  const problem = READ_PROBLEMS[(cause as NodeJS.ErrnoException).code ?? '']
  if (problem === undefined) return cause
  return new RecommenderError('INVALID_INPUT', `${where}: ${problem}`, { cause })
}

const READ_PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file. Check the path.',
  EACCES: 'the file may not be read. Check its permissions.',
  EISDIR: 'this is a folder. Name the files in it.',
  Z_BUF_ERROR: 'the gzip file is cut off. Copy or export it again.',
  Z_DATA_ERROR: 'the gzip file is damaged. Copy or export it again.',
}

async function hasGzipMagic(path: string): Promise<boolean> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0)
    const isGzip = bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b
    if (isGzip || bytesRead === 0 || !path.endsWith('.gz')) return isGzip
  } finally {
    await file.close()
  }
  throw new RecommenderError(
    'INVALID_INPUT',
    `${path}: the name ends in .gz but the content is not gzip. Rename the file, or compress it with gzip.`,
  )
}
