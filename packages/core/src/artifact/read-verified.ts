import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { RecommenderError } from '../errors.ts'

/** What hashing takes about half a millisecond for, between which the event loop goes on. */
const CHUNK_BYTES = 2 ** 20

/** Options of {@link readVerified}. */
export interface ReadVerifiedOptions {
  /** Expected SHA-256 of the file, 64 lower-case hex digits. */
  readonly sha256: string
  readonly signal?: AbortSignal | undefined
}

/**
 * Reads a file and checks its SHA-256 on the way, each piece while the next is being read.
 *
 * @returns All bytes, in memory of their own.
 * @throws {@link RecommenderError} `BAD_ARTIFACT` if the file cannot be read or holds other bytes.
 */
export async function readVerified(
  path: string,
  { sha256, signal }: ReadVerifiedOptions,
): Promise<Uint8Array> {
  const { bytes, actual } = await readAndHash(path, signal).catch((cause: unknown) => {
    signal?.throwIfAborted()
    throw unreadable(path, cause)
  })
  if (actual === sha256) return bytes
  throw new RecommenderError(
    'BAD_ARTIFACT',
    `Expected ${path} to have sha256 ${sha256}, got ${actual}. The file was changed or copied in part; copy the folder again.`,
  )
}

async function readAndHash(
  path: string,
  signal: AbortSignal | undefined,
): Promise<{ readonly bytes: Uint8Array; readonly actual: string }> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const bytes = new Uint8Array(size)
    const readAt = async (position: number): Promise<number> => {
      const length = Math.min(CHUNK_BYTES, size - position)
      const { bytesRead } = await file.read(bytes, position, length, position)
      return bytesRead
    }
    const hash = createHash('sha256')
    let position = 0
    let next = readAt(position)
    for (;;) {
      const length = await next
      if (length === 0) return { bytes, actual: hash.digest('hex') }
      signal?.throwIfAborted()
      const piece = bytes.subarray(position, position + length)
      position += length
      next = readAt(position)
      hash.update(piece)
    }
  } finally {
    await file.close()
  }
}

/** Returns the error for a file of an artifact that cannot be read. */
export function unreadable(path: string, cause: unknown): RecommenderError {
  return new RecommenderError(
    'BAD_ARTIFACT',
    `Expected ${path} to be readable; is this an artifact folder?`,
    { cause },
  )
}
