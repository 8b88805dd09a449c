import type { Arena } from './jobs.ts'
import type { ThreadPool } from './thread-pool.ts'

/** Named places in the memory that grow with what is put there. */
export interface Room {
  /** Returns the address of a place of at least that many bytes; zeros when it is new. */
  take(name: string, bytes: number): number
  /** Copies an array to a place and returns its address. */
  put(name: string, values: Int32Array | Float32Array | Float64Array): number
  /** Returns `bytes`, or what the place was given before if that is more, rounded up. */
  sized(name: string, bytes: number): number
  /** Returns a place for each thread of at least that many bytes. */
  arena(bytes: number): Arena
}

/** Creates an empty room. */
export function createRoom({ memory, numThreads }: ThreadPool): Room {
  const places = new Map<string, { address: number; bytes: number }>()
  const strides = new Map<string, number>()
  const take = (name: string, bytes: number): number => {
    const found = places.get(name)
    if (found !== undefined && found.bytes >= bytes) return found.address
    // Some more than asked, since the next batch may be a little larger.
    const size = found === undefined ? bytes : Math.ceil(1.25 * bytes)
    const address = memory.allocate(size + 128)
    places.set(name, { address, bytes: size })
    return address
  }
  const sized = (name: string, bytes: number): number => {
    const known = strides.get(name) ?? 0
    if (known < bytes) strides.set(name, Math.ceil((1.25 * bytes + 128) / 64) * 64)
    return strides.get(name) as number
  }
  return {
    take,
    sized,
    put: (name, values) => {
      const address = take(name, values.byteLength)
      memory.write(address, values)
      return address
    },
    arena: (bytes) => {
      const size = sized('arena', bytes)
      return { address: take('arena', size * numThreads), bytes: size }
    },
  }
}
