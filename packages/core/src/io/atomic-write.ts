import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/**
 * Writes a file so that a reader, or a run killed at any instant, sees the old content or the new, never a part.
 *
 * @param write - Writes the content to the temporary path that it is given.
 */
export async function replaceFile(
  path: string,
  write: (temporaryPath: string) => Promise<void>,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await removeAbandoned(path)
  const temporary = temporaryName(path)
  try {
    await write(temporary)
    await syncToDisk(temporary)
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/**
 * Writes a folder so that `path` holds the old files or the new, never a mixture.
 *
 * The previous folder is moved aside before the new one takes its name, and is moved back by the next
 * call should the process die in between.
 *
 * @param write - Writes all files into the temporary folder that it is given.
 */
export async function replaceFolder(
  path: string,
  write: (temporaryPath: string) => Promise<void>,
): Promise<void> {
  const temporary = temporaryName(path)
  const previous = `${path}.previous`
  await recoverFolder(path)
  await mkdir(dirname(path), { recursive: true })
  await removeAbandoned(path)
  await mkdir(temporary, { recursive: true })
  try {
    await write(temporary)
  } catch (error) {
    await rm(temporary, { recursive: true, force: true })
    throw error
  }
  for (const name of await readdir(temporary)) await syncToDisk(join(temporary, name))
  // A run that died after its second rename left this behind, and a rename does not replace a full folder.
  await rm(previous, { recursive: true, force: true })
  await rename(path, previous).catch(ignoreMissing)
  await rename(temporary, path)
  await rm(previous, { recursive: true, force: true })
}

/**
 * Returns where the files of a folder written by {@link replaceFolder} are: the folder itself, or its
 * previous state when a run stands, or died, between the two renames. Renames nothing, so a reader cannot
 * get in a writer's way.
 */
export async function findFolder(path: string): Promise<string> {
  const previous = `${path}.previous`
  return !(await exists(path)) && (await exists(previous)) ? previous : path
}

/** Moves the previous folder back when a run died between the two renames of {@link replaceFolder}. */
async function recoverFolder(path: string): Promise<void> {
  const found = await findFolder(path)
  if (found !== path) await rename(found, path)
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(ignoreMissing)) !== undefined
}

/** A hidden sibling of `path`, on the same file system so that the rename is atomic. */
function temporaryName(path: string): string {
  return join(dirname(path), `.${basename(path)}.${process.pid}.partial`)
}

/** Removes what killed runs left behind; a temporary name carries the process id of its run. */
async function removeAbandoned(path: string): Promise<void> {
  const prefix = `.${basename(path)}.`
  for (const name of await readdir(dirname(path))) {
    if (!name.startsWith(prefix) || !name.endsWith('.partial')) continue
    const pid = Number(name.slice(prefix.length, -'.partial'.length))
    if (pid > 0 && !isAlive(pid))
      await rm(join(dirname(path), name), { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

async function syncToDisk(path: string): Promise<void> {
  const file = await open(path, 'r+')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined
  throw error
}
