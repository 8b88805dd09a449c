import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { RecommenderError } from '@perennial/core'
import type { DatasetFile } from './dataset-facts.ts'
import type { FoundFile } from './dataset-folder.ts'

const unzip = promisify(gunzip)

/**
 * Returns the decompressed content of a file, after its sha256 was checked.
 *
 * @throws {@link RecommenderError} `DATASET_MISMATCH` if the file is not the one that the facts describe.
 */
export async function readDatasetFile(
  file: DatasetFile,
  { path, gzipped, signal }: FoundFile & { readonly signal?: AbortSignal | undefined },
): Promise<Buffer> {
  const bytes = await readFile(path, signal === undefined ? {} : { signal })
  checkHash(bytes, {
    expected: gzipped ? file.gzipSha256 : file.sha256,
    where: path,
    wayOut: 'Remove the file and fetch it again.',
  })
  return gzipped ? await unzip(bytes) : bytes
}

/** Throws `DATASET_MISMATCH` unless the bytes have the expected sha256. */
export function checkHash(
  bytes: Buffer,
  { expected, where, wayOut }: { expected: string; where: string; wayOut: string },
): void {
  const got = createHash('sha256').update(bytes).digest('hex')
  if (got === expected) return
  throw new RecommenderError(
    'DATASET_MISMATCH',
    `Expected ${where} to have sha256 ${expected}, got ${got} (${bytes.length} bytes). ${wayOut}`,
  )
}
