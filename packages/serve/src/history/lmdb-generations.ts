import { open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { RangeOptions } from 'lmdb'
import { type LmdbEnvironment, openLmdbEnvironment } from './lmdb-environment.ts'

/** Entries read at once, and copied in one transaction; other work comes between two. */
const PIECE_ENTRIES = 500

/** Returns the file of a generation: each compaction writes the next, whole before it has its name. */
export function generationPath(folder: string, generation: number): string {
  return join(folder, `history-${generation}.mdb`)
}

/**
 * Returns the newest whole generation of a folder, 1 for an empty one, and removes what a compaction that was killed
 * left beside it.
 */
export async function recoverGeneration(folder: string): Promise<number> {
  const names = await readdir(folder)
  const found = names.map((name) => Number(/^history-(\d+)\.mdb$/.exec(name)?.[1] ?? 0))
  const generation = Math.max(1, ...found)
  const current = `history-${generation}.mdb`
  for (const name of names) {
    if (!/^history-\d+\.mdb/.test(name) || name === current || name === `${current}-lock`) continue
    await rm(join(folder, name))
  }
  return generation
}

/** Copies what an environment holds into a new file, which then takes the name of a generation. */
export async function writeGeneration(
  folder: string,
  { generation, source }: { readonly generation: number; readonly source: LmdbEnvironment },
): Promise<void> {
  const path = generationPath(folder, generation)
  const partialPath = `${path}.partial`
  await removeLmdbFile(partialPath)
  const target = openLmdbEnvironment(partialPath)
  try {
    await copyTable(source.records, target.records)
    await copyTable(source.erasures, target.erasures)
    await copyTable(source.totals, target.totals)
  } finally {
    await target.root.close()
  }
  await rename(partialPath, path)
  await removeLmdbFile(partialPath)
  await syncFolder(folder)
}

/** Removes a file of LMDB and the lock beside it, if they are there. */
export async function removeLmdbFile(path: string): Promise<void> {
  await rm(path, { force: true })
  await rm(`${path}-lock`, { force: true })
}

/** Flushes the names in a folder to disk; Windows has no such call and needs none. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** What copying asks of a table. */
interface Table<Value> {
  getRange(options: RangeOptions): Iterable<Entry<Value>>
  transaction<T>(action: () => T): Promise<T>
  putSync(key: string, value: Value, options: { readonly append: boolean }): void
}

interface Entry<Value> {
  readonly key: string
  readonly value: Value
}

/** Returns the entries of a table that follow a key, or its first, a piece at a time; none at the end. */
export function readPiece<Value>(
  table: Pick<Table<Value>, 'getRange'>,
  lastKey: string | undefined,
): readonly Entry<Value>[] {
  const range = lastKey === undefined ? {} : { start: lastKey, exclusiveStart: true }
  return [...table.getRange({ ...range, limit: PIECE_ENTRIES })]
}

async function copyTable<Value>(source: Table<Value>, target: Table<Value>): Promise<void> {
  let lastKey: string | undefined
  do {
    const piece = readPiece(source, lastKey)
    await target.transaction(() => {
      for (const { key, value } of piece) target.putSync(key, value, { append: true })
    })
    lastKey = piece.at(-1)?.key
  } while (lastKey !== undefined)
}
