import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Returns the size in bytes of each file of a folder, by name in order; folders inside are left out. */
export async function readFileSizes(folder: string): Promise<Record<string, number>> {
  const sizes: Record<string, number> = {}
  for (const name of (await readdir(folder)).sort()) {
    const file = await stat(join(folder, name))
    if (file.isFile()) sizes[name] = file.size
  }
  return sizes
}
