import { RecommenderError } from '@perennial/core'

const PAGE_BYTES = 65_536
const MAX_PAGES = 65_536

/** A memory that threads and kernels share, handed out from its start; what is handed out does not move. */
export interface VectorMemory {
  readonly memory: WebAssembly.Memory
  /** All of it, up to date with its growth; so are the two below. */
  readonly bytes: Uint8Array
  readonly ints: Int32Array
  readonly floats: Float32Array
  /**
   * Returns the address of zeros, a multiple of 64.
   *
   * @throws {@link RecommenderError} `OUT_OF_MEMORY` beyond 4 GiB, or where the machine has no more.
   */
  allocate(bytes: number): number
}

/** Creates an empty memory of up to 4 GiB; it takes what it hands out. */
export function createVectorMemory(): VectorMemory {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: MAX_PAGES, shared: true })
  // The first page holds the kernels' own constants.
  let end = PAGE_BYTES
  let { bytes, ints, floats } = viewMemory(memory)
  return {
    memory,
    get bytes() {
      return bytes
    },
    get ints() {
      return ints
    },
    get floats() {
      return floats
    },
    allocate: (numBytes) => {
      const address = end
      const newEnd = Math.ceil((end + numBytes) / 64) * 64
      const missing = Math.ceil(newEnd / PAGE_BYTES) - memory.buffer.byteLength / PAGE_BYTES
      if (missing > 0) {
        try {
          memory.grow(missing)
        } catch (cause) {
          throw new RecommenderError(
            'OUT_OF_MEMORY',
            `Expected ${Math.ceil(numBytes / 2 ** 20)} MiB for item vectors beside ${Math.floor(address / 2 ** 20)} MiB in use; one index can have 4 GiB at most.`,
            { cause },
          )
        }
        ;({ bytes, ints, floats } = viewMemory(memory))
      }
      end = newEnd
      return address
    },
  }
}

function viewMemory({
  buffer,
}: WebAssembly.Memory): Pick<VectorMemory, 'bytes' | 'ints' | 'floats'> {
  return {
    bytes: new Uint8Array(buffer),
    ints: new Int32Array(buffer),
    floats: new Float32Array(buffer),
  }
}
