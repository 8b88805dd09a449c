import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { RecommenderError, replaceFile } from '@perennial/core'
import type { DatasetFile } from './dataset-facts.ts'
import { checkHash } from './read-dataset-file.ts'

const READ_ONLY_CODES = ['EACCES', 'EPERM', 'EROFS']

/** Options of {@link downloadFile}. */
export interface DownloadFileOptions {
  /** Where to put the file: the first of these that can be written. */
  readonly folders: readonly string[]
  /** Milliseconds after which the download fails. @defaultValue 120000 */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal | undefined
}

/**
 * Fetches a file from its public address and returns its path; a file with other content is never kept.
 *
 * @throws {@link RecommenderError} `DATASET_MISSING` if the file has no address or the download fails;
 * `DATASET_MISMATCH` if the content has another sha256.
 */
export async function downloadFile(
  file: DatasetFile,
  { folders, timeoutMs = 120_000, signal }: DownloadFileOptions,
): Promise<string> {
  const { url } = file
  if (url === undefined) {
    throw new RecommenderError('DATASET_MISSING', `Expected ${file.name} to have a public address.`)
  }
  const bytes = await fetchBytes(url, { timeoutMs, signal })
  const gzipped = url.endsWith('.gz')
  checkHash(bytes, {
    expected: gzipped ? file.gzipSha256 : file.sha256,
    where: url,
    wayOut: 'The publisher changed the file; nothing was kept.',
  })
  return writeFirst(
    folders.map((folder) => join(folder, gzipped ? `${file.name}.gz` : file.name)),
    bytes,
  )
}

async function fetchBytes(
  url: string,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal | undefined },
): Promise<Buffer> {
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    const response = await fetch(url, {
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    })
    if (!response.ok) throw new Error(`HTTP status ${response.status}`)
    return Buffer.from(await response.arrayBuffer())
  } catch (cause) {
    signal?.throwIfAborted()
    throw new RecommenderError(
      'DATASET_MISSING',
      `Expected to fetch ${url} within ${timeoutMs} ms, got: ${String(cause)}. ` +
        'Fetch it another way and put it in the folder of the data set.',
      { cause },
    )
  }
}

/** Writes the first path whose folder is not read-only and returns it. */
async function writeFirst([path, ...others]: readonly string[], bytes: Buffer): Promise<string> {
  if (path === undefined) throw new Error('internal: no folder to write to')
  try {
    await replaceFile(path, (temporary) => writeFile(temporary, bytes))
    return path
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (others.length === 0 || code === undefined || !READ_ONLY_CODES.includes(code)) throw error
    return writeFirst(others, bytes)
  }
}
