import { writeFile } from 'node:fs/promises'
import { replaceFile } from '@perennial/core'

/** Options of {@link writeJson}. */
export interface WriteJsonOptions {
  /** Spaces a level; 0 writes one line. @defaultValue 0 */
  readonly indent?: number | undefined
}

/** Writes a value as JSON and replaces `path`. */
export async function writeJson(
  path: string,
  value: unknown,
  { indent = 0 }: WriteJsonOptions = {},
): Promise<void> {
  const text = `${JSON.stringify(value, null, indent)}\n`
  await replaceFile(path, (temporary) => writeFile(temporary, text))
}
