import { RecommenderError } from '@perennial/core'
import type { Kernels } from '../engine/wasm/kernels.ts'
import type { SharedMemory } from '../engine/wasm/shared-memory.ts'

/** Rows that are eliminated at once: the depth of the kernels' inner loop. */
const BLOCK = 256
const PANEL_BYTES = 4 * BLOCK

/** A square matrix in the kernels' memory, row-major float32. */
export interface SquareMatrix {
  readonly address: number
  readonly size: number
  /** Bytes from a row to the next. */
  readonly rowBytes: number
}

/** What {@link invertNegated} works with. */
export interface InvertRuntime {
  readonly kernels: Kernels
  readonly memory: SharedMemory
  readonly signal?: AbortSignal | undefined
}

/** Allocates a matrix of zeros. */
export function allocateMatrix(memory: SharedMemory, size: number): SquareMatrix {
  // Kernels read up to 28 bytes behind a row.
  const rowBytes = 64 * Math.ceil((4 * size) / 64)
  return { address: memory.allocate(rowBytes * size + 64), size, rowBytes }
}

/**
 * Replaces a symmetric positive definite matrix A by `-A^-1`, in place; only the lower triangle is read and valid after.
 *
 * Sweeps blocks of 256 pivots: with the pivot block K, `D = A(K, K)^-1` and `W = -A(:, K) D`, each sweep does
 * `A += W A(K, :)`, `A(:, K) = W`, `A(K, K) = -D`. Entries between a swept and an unswept row stand with the other sign until
 * both are swept, which keeps the matrix symmetric. About `n^3` operations and `2 KiB` a row beside the matrix. Float32, but
 * pivot blocks are inverted in float64: the error relative to the largest entry is about 1e-7 times the condition number.
 *
 * @throws {@link RecommenderError} `INVALID_INPUT` if the matrix is not positive definite. Rejects with the reason of
 * `signal` when that is aborted.
 */
export async function invertNegated(
  { address, size, rowBytes }: SquareMatrix,
  { kernels, memory, signal }: InvertRuntime,
): Promise<void> {
  const panelBytes = PANEL_BYTES * size + 64
  const panel = memory.allocate(panelBytes)
  const product = memory.allocate(panelBytes)
  const wideBytes = BLOCK * rowBytes + 64
  const wide = memory.allocate(wideBytes)
  const pivot = memory.allocate(PANEL_BYTES * BLOCK + 64)
  const floats = (at: number, length: number): Float32Array =>
    new Float32Array(memory.memory.buffer, at, length)
  for (let k = 0; k < size; k += BLOCK) {
    // The event loop must turn for the signal to be seen.
    await new Promise(setImmediate)
    signal?.throwIfAborted()
    const end = Math.min(k + BLOCK, size)
    const width = end - k
    const columns = address + 4 * k
    // A(:, K) [size, width]: above the pivots its transpose is stored.
    kernels.transpose(width, k, address + k * rowBytes, rowBytes, panel, PANEL_BYTES)
    for (let i = k; i < size; i++)
      floats(panel + i * PANEL_BYTES, width).set(floats(columns + i * rowBytes, width))
    const inverse = invertPivots(floats(panel + k * PANEL_BYTES, BLOCK * width), width)
    floats(pivot, BLOCK * width).set(inverse.map((value) => -value))
    kernels.matMul(
      ...([size, width, width, panel, PANEL_BYTES, 4, pivot, PANEL_BYTES] as const),
      ...([product, PANEL_BYTES, 0, 0] as const),
    )
    // A(K, :) [width, size].
    kernels.transpose(size, width, panel, PANEL_BYTES, wide, rowBytes)
    for (let i = 0; i < size; i += BLOCK) {
      if (i === k) continue
      const rows = Math.min(BLOCK, size - i)
      kernels.matMul(
        ...([rows, i + rows, width, product + i * PANEL_BYTES, PANEL_BYTES, 4] as const),
        ...([wide, rowBytes, address + i * rowBytes, rowBytes, 0, 1] as const),
      )
    }
    kernels.transpose(k, width, product, PANEL_BYTES, address + k * rowBytes, rowBytes)
    for (let i = end; i < size; i++)
      floats(columns + i * rowBytes, width).set(floats(product + i * PANEL_BYTES, width))
    for (let i = 0; i < width; i++)
      floats(columns + (k + i) * rowBytes, width).set(floats(pivot + i * PANEL_BYTES, width))
  }
  memory.release(panel, panelBytes)
  memory.release(product, panelBytes)
  memory.release(wide, wideBytes)
}

/** Inverts a block of pivots given by its lower triangle, rows of `BLOCK` values (Gauss-Jordan, float64). */
function invertPivots(block: Float32Array, width: number): Float64Array {
  const a = new Float64Array(BLOCK * width)
  for (let i = 0; i < width; i++) {
    for (let j = 0; j <= i; j++) {
      a[i * BLOCK + j] = block[i * BLOCK + j] as number
      a[j * BLOCK + i] = block[i * BLOCK + j] as number
    }
  }
  for (let p = 0; p < width; p++) {
    const row = a.subarray(p * BLOCK, p * BLOCK + width)
    const pivot = row[p] as number
    if (!(pivot > 0)) {
      throw new RecommenderError(
        'INVALID_INPUT',
        `Expected a positive definite matrix, got the pivot ${pivot}; add more to its diagonal.`,
      )
    }
    row[p] = 1
    for (let j = 0; j < width; j++) row[j] = (row[j] as number) / pivot
    for (let i = 0; i < width; i++) {
      if (i === p) continue
      const other = a.subarray(i * BLOCK, i * BLOCK + width)
      const factor = other[p] as number
      other[p] = 0
      if (factor === 0) continue
      for (let j = 0; j < width; j++) other[j] = (other[j] as number) - factor * (row[j] as number)
    }
  }
  return a
}
