import { type ProcessUsage, readProcessUsage } from './read-process-usage.ts'

/** Memory of a process over time. */
export interface MemoryCourse {
  readonly numSamples: number
  readonly firstBytes: number
  readonly lastBytes: number
  readonly peakBytes: number
  readonly anonymousLastBytes: number
  /** How much anonymous memory grew over the last half, by its straight line, in percent of its mean. */
  readonly growthPercent: number
}

/** A watch of a process. */
export interface MemoryWatch {
  /** Ends the watch; `undefined` where memory cannot be read. */
  stop(): Promise<MemoryCourse | undefined>
}

/** Reads the memory of a process every so often. */
export function watchMemory(
  pid: number,
  { everyMs = 1000 }: { readonly everyMs?: number | undefined } = {},
): MemoryWatch {
  const samples: ProcessUsage[] = []
  const read = async (): Promise<void> => {
    const usage = await readProcessUsage(pid)
    if (usage !== undefined) samples.push(usage)
  }
  let reading = read()
  const timer = setInterval(() => {
    reading = reading.then(read)
  }, everyMs)
  return {
    async stop() {
      clearInterval(timer)
      await reading
      await read()
      return describeCourse(samples)
    },
  }
}

/** Returns how memory went over samples taken at equal intervals; `undefined` when there is none. */
export function describeCourse(samples: readonly ProcessUsage[]): MemoryCourse | undefined {
  const [first] = samples
  const last = samples.at(-1)
  if (first === undefined || last === undefined) return undefined
  return {
    numSamples: samples.length,
    firstBytes: first.residentBytes,
    lastBytes: last.residentBytes,
    peakBytes: samples.reduce((peak, one) => Math.max(peak, one.residentBytes), 0),
    anonymousLastBytes: last.anonymousBytes,
    growthPercent: growthPercent(
      samples.slice(samples.length >> 1).map(({ anonymousBytes }) => anonymousBytes),
    ),
  }
}

/** Returns the rise of the least-squares line from first to last value, in percent of the mean. */
function growthPercent(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const middle = (values.length - 1) / 2
  let products = 0
  let squares = 0
  for (const [i, value] of values.entries()) {
    products += (i - middle) * (value - mean)
    squares += (i - middle) ** 2
  }
  return squares === 0 ? 0 : (100 * (products / squares) * (values.length - 1)) / mean
}
