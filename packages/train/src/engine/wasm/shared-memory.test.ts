import { expect, test } from 'vitest'
import { createSharedMemory } from './shared-memory.ts'

test('createSharedMemory hands out zeros apart from each other, and again what was released', () => {
  const memory = createSharedMemory()
  const first = memory.allocate(100_000)
  const second = memory.allocate(40)
  expect(first % 64).toBe(0)
  expect(second).toBeGreaterThanOrEqual(first + 100_000)
  memory.write(first, Float32Array.of(1, 2, 3))
  expect([...memory.readFloats(first, 4)]).toEqual([1, 2, 3, 0])
  memory.release(first, 100_000)
  expect(memory.allocate(50_000)).toBeGreaterThan(second)
  expect(memory.allocate(100_000)).toBe(first)
  expect([...memory.readFloats(first, 4)]).toEqual([0, 0, 0, 0])
})

test('createSharedMemory says what does not fit into 4 GiB', () => {
  const memory = createSharedMemory()
  expect(() => memory.allocate(2 ** 32)).toThrow('it can have 4 GiB at most')
})
