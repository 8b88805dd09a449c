import { createRng, RecommenderError } from '@perennial/core'
import { describe, expect, test } from 'vitest'
import { referenceInverse } from '../../test/reference-inverse.ts'
import { bindKernels, compileKernels } from '../engine/wasm/kernels.ts'
import { createSharedMemory } from '../engine/wasm/shared-memory.ts'
import { allocateMatrix, invertNegated, type SquareMatrix } from './invert.ts'

const memory = createSharedMemory()
const kernels = bindKernels((await compileKernels()).module, memory.memory)

function write({ address, size, rowBytes }: SquareMatrix, values: Float64Array): void {
  for (let i = 0; i < size; i++) {
    // Above the diagonal stands what must not count.
    const row = Float32Array.from({ length: size }, (_, j) =>
      j <= i ? (values[i * size + j] as number) : Number.NaN,
    )
    memory.write(address + i * rowBytes, row)
  }
}

/** Returns `X'X / size + I / 2` of random X in -1..1. */
function positiveDefinite(size: number): Float64Array {
  const rng = createRng(size)
  const x = Float64Array.from({ length: size * size }, () => 2 * rng.next() - 1)
  const values = new Float64Array(size * size)
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0
      for (let r = 0; r < size; r++)
        sum += (x[r * size + i] as number) * (x[r * size + j] as number)
      values[i * size + j] = sum / size + (i === j ? 0.5 : 0)
      values[j * size + i] = values[i * size + j] as number
    }
  }
  return values
}

describe('invertNegated', () => {
  // One block, one in part, a whole one and a part, three.
  test.each([1, 7, 256, 300, 520])('agrees with Gauss-Jordan at size %i', async (size) => {
    const values = positiveDefinite(size)
    const matrix = allocateMatrix(memory, size)
    write(matrix, values)
    await invertNegated(matrix, { kernels, memory })
    const expected = referenceInverse(values, size)
    let largest = 0
    for (let i = 0; i < size; i++) {
      const row = memory.readFloats(matrix.address + i * matrix.rowBytes, size)
      for (let j = 0; j <= i; j++) {
        const error = Math.abs((row[j] as number) + (expected[i * size + j] as number))
        largest = Math.max(largest, error)
      }
    }
    // The inverse has values up to 2.
    expect(largest).toBeLessThan(5e-6)
  })

  test('throws INVALID_INPUT for a matrix that is not positive definite', async () => {
    const matrix = allocateMatrix(memory, 2)
    write(matrix, Float64Array.of(1, 2, 2, 1))
    await expect(invertNegated(matrix, { kernels, memory })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    })
  })

  test('stops when aborted between blocks', async () => {
    const matrix = allocateMatrix(memory, 520)
    write(matrix, positiveDefinite(520))
    const abort = new AbortController()
    const reason = new RecommenderError('ABORTED', 'enough')
    const inverted = invertNegated(matrix, { kernels, memory, signal: abort.signal })
    setImmediate(() => setImmediate(() => abort.abort(reason)))
    await expect(inverted).rejects.toBe(reason)
  })
})
