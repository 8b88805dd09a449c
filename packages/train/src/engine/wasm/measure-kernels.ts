import { bindKernels, compileKernels } from './kernels.ts'
import { createSharedMemory } from './shared-memory.ts'

/** How fast one thread multiplies matrices that lie in its cache, with the kernel of the wasm engine. */
export interface KernelSpeed {
  /** What was measured, in words. */
  readonly name: string
  readonly gflopsPerThread: number
}

const ROWS = 64
const COLUMNS = 64
const DEPTH = 256
const CALLS_A_WINDOW = 200
const NUM_WINDOWS = 100

/** Returns the fastest of several windows, after as many that let the compiler finish; about half a second. */
export async function measureKernels(): Promise<KernelSpeed> {
  const { module, build } = await compileKernels()
  const shared = createSharedMemory()
  const { matMul } = bindKernels(module, shared.memory)
  // With spare bytes behind each, which the kernel may read.
  const a = shared.allocate(4 * ROWS * DEPTH + 64)
  const b = shared.allocate(4 * DEPTH * COLUMNS + 64)
  const c = shared.allocate(4 * ROWS * COLUMNS + 64)
  let bestMs = Number.POSITIVE_INFINITY
  for (let i = 0; i < 2 * NUM_WINDOWS; i++) {
    const startMs = performance.now()
    for (let j = 0; j < CALLS_A_WINDOW; j++) {
      matMul(ROWS, COLUMNS, DEPTH, a, 4 * DEPTH, 4, b, 4 * COLUMNS, c, 4 * COLUMNS, 0, 0)
    }
    if (i >= NUM_WINDOWS) bestMs = Math.min(bestMs, performance.now() - startMs)
  }
  const flops = 2 * ROWS * COLUMNS * DEPTH * CALLS_A_WINDOW
  return {
    name: `the ${build} kernel on a [${ROWS}, ${DEPTH}] x [${DEPTH}, ${COLUMNS}] product in cache`,
    gflopsPerThread: flops / bestMs / 1e6,
  }
}
