import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { realpath, rename, rm, stat } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { RecommenderError } from '@perennial/core'

/** The right of one process to a folder. */
export interface FolderLock {
  /** Tells whether the folder is still this holder's. */
  isHeld(): Promise<boolean>
  release(): Promise<void>
}

/** Longest path of a socket that systems take, bytes. */
const MAX_SOCKET_PATH_BYTES = 100

/** Longer than it takes to go from finding a lock abandoned to taking it. */
const SETTLE_MS = 20

/**
 * Takes a folder for this process alone, until it is released or the process ends in whatever way.
 *
 * The lock is a listening socket in the folder: the system ends it with the process, and it is seen from other
 * containers that share the folder. A folder with a path too long for a socket is locked by one in the temporary folder.
 *
 * @throws {@link RecommenderError} `STORE_UNAVAILABLE` if another holds it.
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const address = await socketAddress(folder)
  const server = createServer((socket) => socket.destroy()).unref()
  try {
    return process.platform === 'win32'
      ? await holdPipe(server, address)
      : await holdSocket(server, address)
  } catch (error) {
    server.close()
    const isTaken = error instanceof LockTaken || (error as { code?: string }).code === 'EADDRINUSE'
    throw new RecommenderError(
      'STORE_UNAVAILABLE',
      isTaken
        ? `Expected the folder ${folder} to be free, got one that another store has open. Close that first, or share a Redis store among processes.`
        : `Expected to lock the folder ${folder} by the socket ${address}, got ${String(error)}.`,
      { cause: error },
    )
  }
}

class LockTaken extends Error {}

/** The system takes the name of a pipe away with its process. */
async function holdPipe(server: Server, address: string): Promise<FolderLock> {
  await listen(server, address)
  return { isHeld: async () => server.listening, release: () => close(server) }
}

/**
 * A socket left behind is no lock, but its name is taken; so a new one is made under a name of its own and renamed over
 * it. Of two that do so at once the later one wins, which each finds by looking again.
 */
async function holdSocket(server: Server, address: string): Promise<FolderLock> {
  if (await isAnswered(address)) throw new LockTaken(address)
  const ownAddress = `${address}-${randomBytes(3).toString('hex')}`
  await listen(server, ownAddress)
  const { ino } = await stat(ownAddress)
  await rename(ownAddress, address)
  const isHeld = async (): Promise<boolean> => (await inodeOf(address)) === ino
  await sleep(SETTLE_MS)
  if (!(await isHeld())) throw new LockTaken(address)
  return {
    isHeld,
    release: async () => {
      if (await isHeld()) await rm(address, { force: true })
      await close(server)
    },
  }
}

async function socketAddress(folder: string): Promise<string> {
  const inFolder = join(folder, 'lock')
  const digest = createHash('sha256')
    .update(await realpath(folder))
    .digest('hex')
    .slice(0, 16)
  if (process.platform === 'win32') return `\\\\.\\pipe\\perennial-${digest}`
  // The name under which a socket is made is seven characters longer.
  const isShort = Buffer.byteLength(inFolder) + 10 <= MAX_SOCKET_PATH_BYTES
  return isShort ? inFolder : join(tmpdir(), `perennial-${digest}.lock`)
}

/** Anything but nobody there counts as an answer. */
async function isAnswered(address: string): Promise<boolean> {
  const socket = connect(address)
  try {
    await once(socket, 'connect')
    return true
  } catch (error) {
    return !['ENOENT', 'ECONNREFUSED'].includes((error as NodeJS.ErrnoException).code ?? '')
  } finally {
    socket.destroy()
  }
}

async function inodeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).ino
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

async function listen(server: Server, address: string): Promise<void> {
  server.listen(address)
  await once(server, 'listening')
}

async function close(server: Server): Promise<void> {
  server.close()
  await once(server, 'close')
}
