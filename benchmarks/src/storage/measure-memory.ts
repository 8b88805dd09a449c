import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** A value, and what this process grew by while it was made. */
export interface MemoryGrowth<T> {
  readonly value: T
  /** Objects on the V8 heap and typed arrays beside it, in bytes. */
  readonly heapBytes: number
  /** Pages of the process, in bytes: native memory too, but also what the allocators keep in reserve. */
  readonly residentBytes: number
}

/**
 * Makes a value and returns what memory it keeps: the difference between two readings, each after full
 * collections, with the value alive at the second.
 */
export async function measureMemory<T>(make: () => T | Promise<T>): Promise<MemoryGrowth<T>> {
  const before = readMemory()
  const value = await make()
  const after = readMemory()
  return {
    value,
    heapBytes: after.heapBytes - before.heapBytes,
    residentBytes: after.residentBytes - before.residentBytes,
  }
}

function readMemory(): Omit<MemoryGrowth<unknown>, 'value'> {
  // Asks V8 for its collector here, so that nobody has to start node with a flag.
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  // The first collection only queues some buffers to be freed.
  for (let i = 0; i < 3; i++) collect()
  const { heapUsed, external, rss } = process.memoryUsage()
  return { heapBytes: heapUsed + external, residentBytes: rss }
}
