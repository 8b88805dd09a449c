import { describe, expect, test } from 'vitest'
import { bindKernels, compileKernels } from './kernels.ts'
import { createSharedMemory } from './shared-memory.ts'

const shared = createSharedMemory()
const kernels = bindKernels((await compileKernels()).module, shared.memory)

function place(values: Float32Array): number {
  const address = shared.allocate(values.byteLength + 64)
  shared.write(address, values)
  return address
}

describe('dropout', () => {
  const length = 20_000
  const ones = place(new Float32Array(length).fill(1))
  const out = place(new Float32Array(length))
  const drop = (from: number, count: number, seed: number): void =>
    kernels.dropout(count, ones, out + 4 * from, 0, from, seed, 0.25 * 2 ** 32, 1 / 0.75)

  test('drops the share asked for and scales the rest', () => {
    drop(0, length, 7)
    const values = shared.readFloats(out, length)
    const kept = values.filter((value) => value !== 0)
    expect(new Set(kept)).toEqual(new Set([Math.fround(1 / 0.75)]))
    // A quarter of 20,000, with a deviation of 61.
    expect(Math.abs(length - kept.length - length / 4)).toBeLessThan(300)
  })

  test('draws the same for a counter and seed, wherever it begins, and other masks for other seeds', () => {
    drop(0, length, 7)
    const whole = shared.readFloats(out, length)
    drop(0, 1000, 7)
    drop(1000, length - 1000, 7)
    expect(shared.readFloats(out, length)).toEqual(whole)
    drop(0, length, 8)
    const other = shared.readFloats(out, length)
    const both = whole.filter((value, i) => value === 0 && other[i] === 0).length
    // Independent masks share a sixteenth.
    expect(Math.abs(both - length / 16)).toBeLessThan(200)
  })
})

describe('matMul', () => {
  // Every way out of the tiles: rows beside four, columns beside eight and four, a depth in two pieces.
  test.each([
    [1, 1, 1],
    [5, 13, 3],
    [66, 10, 300],
    [4, 8, 257],
  ])('multiplies [%i, k] by [k, %i] with k = %i, bias and sum included', (m, n, k) => {
    const fill = (size: number, salt: number): Float32Array =>
      Float32Array.from({ length: size }, (_, i) => Math.sin(salt + i))
    const [a, b, bias, start] = [fill(m * k, 1), fill(k * n, 2), fill(n, 3), fill(m * n, 4)]
    const c = place(start)
    const [pa, pb, pBias] = [place(a), place(b), place(bias)]
    const expected = (first: (i: number) => number): number[] =>
      Array.from({ length: m * n }, (_, i) => {
        let sum = first(i)
        for (let x = 0; x < k; x++)
          sum += (a[Math.floor(i / n) * k + x] as number) * (b[x * n + (i % n)] as number)
        return sum
      })
    const distance = (right: number[]): number => {
      const actual = shared.readFloats(c, m * n)
      return right.reduce(
        (max, value, i) => Math.max(max, Math.abs(value - (actual[i] as number))),
        0,
      )
    }
    kernels.matMul(m, n, k, pa, 4 * k, 4, pb, 4 * n, c, 4 * n, 0, 1)
    expect(distance(expected((i) => start[i] as number))).toBeLessThan(1e-3)
    kernels.matMul(m, n, k, pa, 4 * k, 4, pb, 4 * n, c, 4 * n, pBias, 0)
    expect(distance(expected((i) => bias[i % n] as number))).toBeLessThan(1e-3)
    // The last row ends where it should: what stands behind it is untouched.
    expect([...shared.readFloats(c + 4 * m * n, 4)]).toEqual([0, 0, 0, 0])
  })
})
