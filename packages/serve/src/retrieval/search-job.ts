import type { Kernels, Scan } from './kernels.ts'

/** Places of a job's int32 fields, in the memory that threads share. */
export const JOB_FIELDS = {
  /** Next chunk that nobody has taken; threads add to it. */
  nextChunk: 0,
  numChunks: 1,
  segmentsPerChunk: 2,
  numSegments: 3,
  /** Address of the addresses of segments. */
  segments: 4,
  shift: 5,
  width: 6,
  /** Position in {@link SCANS}. */
  scan: 7,
  /** Where a segment's own flags begin. */
  flagsOffset: 8,
  /** Address of flags of all rows, or 0 where each segment's own are meant. */
  flags: 9,
  /** Address of the query as floats. */
  query: 10,
  /** Address of the query as int16. */
  packedQuery: 11,
  /** Rows wanted, 1 or more. */
  k: 12,
  /** Rows kept until all bits are looked at, `k` or more. */
  numKept: 13,
  /** Most keys while scanning. */
  capacity: 14,
  /** Address of the parts, one a thread: keys, then item rows `[k]`, then scores `[k]`. */
  parts: 15,
  partBytes: 16,
  /** Bytes of the memory when the job was written. */
  memoryBytes: 17,
} as const

/** How rows are compared with a query: as they are, by some of their bits at first, or by all of them at once. */
export const SCANS = ['float32', 'int8', 'int8-exact'] as const

/** Bytes of a job. */
export const JOB_BYTES = 128

/** Bytes in front of the keys of a part; see `packages/serve/kernels/best.ts`. */
const KEYS_OFFSET = 16

/** Returns how many bytes the part of a thread takes, and where its rows and scores begin. */
export function layOutPart({ k, capacity }: { readonly k: number; readonly capacity: number }): {
  readonly rows: number
  readonly scores: number
  readonly bytes: number
} {
  const rows = KEYS_OFFSET + 8 * capacity
  const scores = rows + 4 * k
  return { rows, scores, bytes: Math.ceil((scores + 4 * k) / 64) * 64 }
}

/** What a thread did of a job. */
export interface JobPart {
  readonly part: number
  /** Chunks that it scanned. */
  readonly numChunks: number
  /** Rows that it found. */
  readonly count: number
}

/**
 * Scans chunks of a job until none is left, and writes the best rows of them to a part.
 *
 * Threads take chunks as they go, so one that is held up holds up no more than its own chunk.
 *
 * @param ints - The shared memory.
 * @param job - Address of the job.
 */
export function runSearchJob(
  { kernels, ints }: { readonly kernels: Kernels; readonly ints: Int32Array },
  { job, part }: { readonly job: number; readonly part: number },
): JobPart {
  const read = (field: keyof typeof JOB_FIELDS): number =>
    ints[job / 4 + JOB_FIELDS[field]] as number
  const numSegments = read('numSegments')
  const segmentsPerChunk = read('segmentsPerChunk')
  const segments = read('segments')
  const shift = read('shift')
  const width = read('width')
  const flags = read('flags')
  const flagsOffset = read('flagsOffset')
  const kind = SCANS[read('scan')]
  const k = read('k')
  const best = read('parts') + part * read('partBytes')
  const scan = chooseScan(kernels, kind)
  const query = read(kind === 'int8' ? 'packedQuery' : 'query')
  let numChunks = 0
  for (;;) {
    const chunk = Atomics.add(ints, job / 4 + JOB_FIELDS.nextChunk, 1)
    if (chunk >= read('numChunks')) break
    if (numChunks++ === 0) kernels.startBest(best, read('numKept'), read('capacity'))
    const end = Math.min((chunk + 1) * segmentsPerChunk, numSegments)
    for (let s = chunk * segmentsPerChunk; s < end; s++) {
      const segment = ints[segments / 4 + s] as number
      const own = flags === 0 ? segment + flagsOffset : flags + (s << shift)
      scan(segment, 1 << shift, width, own, query, (s << shift) + 1, best)
    }
  }
  if (numChunks === 0) return { part, numChunks, count: 0 }
  kernels.cutBest(best, read('numKept'))
  if (kind === 'int8') kernels.rescoreInt8(segments, shift, width, read('query'), k, best)
  const { rows, scores } = layOutPart({ k, capacity: read('capacity') })
  return { part, numChunks, count: kernels.writeBest(best, best + rows, best + scores) }
}

function chooseScan(kernels: Kernels, kind: (typeof SCANS)[number] | undefined): Scan {
  if (kind === 'int8') return kernels.scanInt8
  return kind === 'int8-exact' ? kernels.scanInt8Exactly : kernels.scanFloat32
}
