import { cp, mkdir, open, rename, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ARTIFACT_FILES } from '@perennial/core'
import type { HttpAnswer } from './open-http-pool.ts'

/** What became of reloads under load. */
export interface ReloadCounts {
  readonly numReloads: number
  /** Reloads of a sound artifact that were not answered with the new model's version. */
  readonly numFailed: number
  readonly numCorrupt: number
  /** Reloads of a corrupt artifact that were not refused with `BAD_ARTIFACT`; 0 is right. */
  readonly numCorruptTaken: number
  /** Time of each reload of a sound artifact, in milliseconds. */
  readonly reloadMs: readonly number[]
  /** What was said of the last corrupt artifact. */
  readonly refusal: string | null
}

/** A folder that a server loads from, behind which artifacts are swapped. */
export interface SwappedArtifact {
  /** What the server is given. */
  readonly folder: string
  /** Puts a sound artifact there, or a corrupt one. */
  swap(kind: 'sound' | 'corrupt'): Promise<void>
}

/**
 * Makes a link to an artifact that can be turned to a copy with one changed byte, at once, as a deployment
 * swaps folders.
 *
 * @param place - An empty folder for link and copies.
 */
export async function createSwappedArtifact(
  artifactFolder: string,
  place: string,
): Promise<SwappedArtifact> {
  const corrupt = join(place, 'corrupt')
  await mkdir(corrupt, { recursive: true })
  await cp(artifactFolder, corrupt, { recursive: true })
  await changeByte(join(corrupt, ARTIFACT_FILES.items))
  const folder = join(place, 'served')
  const swap = async (kind: 'sound' | 'corrupt'): Promise<void> => {
    const next = `${folder}.next`
    await rm(next, { force: true })
    await symlink(kind === 'sound' ? artifactFolder : corrupt, next)
    await rename(next, folder)
  }
  await swap('sound')
  return { folder, swap }
}

/** Options of {@link reloadInTurn}. */
export interface ReloadInTurnOptions {
  readonly everyMs: number
  readonly artifact: SwappedArtifact
  /** Sends `POST /v1/model/reload`. */
  readonly reload: () => Promise<HttpAnswer>
  /** Ends the reloads. */
  readonly signal: AbortSignal
}

/** Reloads a sound artifact and a corrupt one in turn, until the signal; the sound one is in place at the end. */
export async function reloadInTurn({
  everyMs,
  artifact,
  reload,
  signal,
}: ReloadInTurnOptions): Promise<ReloadCounts> {
  const counts = { numReloads: 0, numFailed: 0, numCorrupt: 0, numCorruptTaken: 0 }
  const reloadMs: number[] = []
  let refusal: string | null = null
  for (let turn = 0; await waited(everyMs, signal); turn++) {
    const isCorrupt = turn % 2 === 1
    await artifact.swap(isCorrupt ? 'corrupt' : 'sound')
    const startMs = performance.now()
    const { status, body } = await reload()
    if (isCorrupt) {
      counts.numCorrupt++
      const error = JSON.parse(body) as { code?: string; message?: string }
      if (status < 400 || error.code !== 'BAD_ARTIFACT') counts.numCorruptTaken++
      refusal = error.message ?? null
    } else {
      counts.numReloads++
      reloadMs.push(performance.now() - startMs)
      if (status !== 200) counts.numFailed++
    }
  }
  await artifact.swap('sound')
  return { ...counts, reloadMs, refusal }
}

/** Waits; false when the signal came first. */
async function waited(durationMs: number, signal: AbortSignal): Promise<boolean> {
  await sleep(durationMs, undefined, { signal }).catch(() => {})
  return !signal.aborted
}

/** Turns around the bits of the byte in the middle of a file. */
async function changeByte(path: string): Promise<void> {
  const file = await open(path, 'r+')
  try {
    const position = Math.floor((await file.stat()).size / 2)
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, position)
    buffer[0] = ~(buffer[0] as number)
    await file.write(buffer, 0, 1, position)
  } finally {
    await file.close()
  }
}
