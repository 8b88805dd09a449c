import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { RecommenderError, readArtifact } from '@perennial/core'
import { createHnswIndex } from '@perennial/serve'
import { measureMemory } from './measure-memory.ts'

/** Size of the graph index. */
export interface HnswStorage {
  /** Vectors and graph, as the index counts them. */
  readonly indexBytesPerItem: number
  /**
   * What the process grew by during the build, the vectors being there before. Right in a fresh process
   * only, and from about 100,000 items on: about 10 MB are the process's own.
   */
  readonly residentGraphBytesPerItem: number
  readonly buildSeconds: number
}

/** Why there is no {@link HnswStorage}. */
export interface SkippedHnsw {
  readonly skipped: string
}

const WARM_UP_ITEMS = 500

/** Builds the graph of an artifact's vectors in this process and returns its size. */
export async function measureHnsw(
  artifactFolder: string,
  signal?: AbortSignal,
): Promise<HnswStorage | SkippedHnsw> {
  const {
    vectors: { vectors, dim },
    items: { length: numItems },
  } = await readArtifact(artifactFolder)
  try {
    // The first build also makes V8 compile and grow, which is not the graph's.
    await createHnswIndex(vectors.slice(0, (WARM_UP_ITEMS + 1) * dim), { dim, signal })
    let buildMs = 0
    const { value: index, residentBytes } = await measureMemory(async () => {
      const startMs = performance.now()
      const built = await createHnswIndex(vectors, { dim, signal })
      buildMs = performance.now() - startMs
      return built
    })
    return {
      indexBytesPerItem: index.memoryBytes / numItems,
      residentGraphBytesPerItem: residentBytes / numItems,
      buildSeconds: buildMs / 1000,
    }
  } catch (error) {
    const isMissing = error instanceof RecommenderError && error.code === 'INDEX_UNAVAILABLE'
    if (!isMissing) throw error
    return { skipped: error.message }
  }
}

/**
 * Returns what {@link measureHnsw} finds in a fresh process, where no memory that was freed before is
 * used again. Needs the built benchmarks.
 */
export async function measureHnswAlone(
  artifactFolder: string,
  signal?: AbortSignal,
): Promise<HnswStorage | SkippedHnsw> {
  const script = fileURLToPath(new URL('./hnsw-process.js', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [script, artifactFolder], {
    signal,
    // glibc would keep the freed buffers of the reading for the graph; this makes it give them back.
    env: { ...process.env, MALLOC_MMAP_THRESHOLD_: '131072' },
  }).catch((error: unknown) => {
    // The reason of the signal says more than the error of the process that it ended.
    signal?.throwIfAborted()
    throw error
  })
  return JSON.parse(stdout)
}
