import { RecommenderError } from '@perennial/core'

const PAGE_BYTES = 65_536
const MAX_PAGES = 65_536

/** A memory that threads and kernels share, handed out from its start; what is handed out does not move. */
export interface SharedMemory {
  readonly memory: WebAssembly.Memory
  /** Returns the address of zeros, a multiple of 64. */
  allocate(bytes: number): number
  /** Takes back what was allocated with that many bytes; the next of the same size gets it. */
  release(address: number, bytes: number): void
  /** Copies an array to an address. */
  write(address: number, values: Int32Array | Float32Array | Float64Array): void
  /** Returns a copy of `length` floats. */
  readFloats(address: number, length: number): Float32Array
  clear(address: number, bytes: number): void
}

/** Creates an empty memory of up to 4 GiB; it takes what it hands out. */
export function createSharedMemory(): SharedMemory {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: MAX_PAGES, shared: true })
  // The first page holds the kernels' own constants.
  let end = PAGE_BYTES
  const free = new Map<number, number[]>()
  return {
    memory,
    allocate: (bytes) => {
      const reused = free.get(bytes)?.pop()
      if (reused !== undefined) {
        new Uint8Array(memory.buffer, reused, bytes).fill(0)
        return reused
      }
      const address = end
      end = Math.ceil((end + bytes) / 64) * 64
      const missing = Math.ceil(end / PAGE_BYTES) - memory.buffer.byteLength / PAGE_BYTES
      if (missing > 0) {
        try {
          memory.grow(missing)
        } catch (cause) {
          throw new RecommenderError(
            'OUT_OF_MEMORY',
            `Expected ${Math.ceil(bytes / 2 ** 20)} MiB for the wasm engine beside ${Math.floor(address / 2 ** 20)} MiB in use; it can have 4 GiB at most. Use a smaller \`batchSize\`, fewer negatives, or sampled-softmax in place of softmax.`,
            { cause },
          )
        }
      }
      return address
    },
    release: (address, bytes) => {
      free.set(bytes, [...(free.get(bytes) ?? []), address])
    },
    write: (address, values) => {
      const Kind = values.constructor as Float32ArrayConstructor
      new Kind(memory.buffer, address, values.length).set(values as Float32Array)
    },
    readFloats: (address, length) => new Float32Array(memory.buffer, address, length).slice(),
    clear: (address, bytes) => {
      new Uint8Array(memory.buffer, address, bytes).fill(0)
    },
  }
}
