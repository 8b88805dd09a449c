import { readFile } from 'node:fs/promises'

/** How fast one thread multiplies matrices that lie in its cache, with the kernel of the wasm engine. */
export interface MatMulPeak {
  /** What was measured, in words. */
  readonly name: string
  readonly gflopsPerThread: number
}

interface MatMulExports {
  matMul(
    ...args: [
      ...[m: number, n: number, k: number, a: number, aRow: number, aStep: number],
      ...[b: number, bRow: number, c: number, cRow: number, bias: number, add: number],
    ]
  ): void
}

/** TypeScript ships these types with the browser's, which Node code leaves out. */
interface WebAssemblyApi {
  readonly Memory: new (limits: { initial: number; maximum: number; shared: boolean }) => object
  readonly Instance: new (module: object, imports: object) => { readonly exports: MatMulExports }
  validate(bytes: Uint8Array): boolean
  compile(bytes: Uint8Array): Promise<object>
}

/** The builds of the kernels that the engine chooses from, in its order. */
const BUILDS = {
  'relaxed-simd': '128-bit SIMD, fused multiply-add',
  simd: '128-bit SIMD, multiply then add',
} as const
const ROWS = 64
const COLUMNS = 64
const DEPTH = 256
const CALLS_A_WINDOW = 200
const NUM_WINDOWS = 100

/** Returns the fastest of several windows, after as many that let the compiler finish. */
export async function measureMatMulPeak(): Promise<MatMulPeak> {
  const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyApi }
  for (const [build, words] of Object.entries(BUILDS)) {
    const url = new URL(`../wasm/kernels.${build}.wasm`, import.meta.resolve('@perennial/train'))
    const bytes = await readFile(url)
    if (!WebAssembly.validate(bytes)) continue
    // A, B and C with the spare bytes that the kernel may read; the limits are those that it was compiled with.
    const memory = new WebAssembly.Memory({ initial: 16, maximum: 65_536, shared: true })
    const module = await WebAssembly.compile(bytes)
    const { matMul } = new WebAssembly.Instance(module, { env: { memory } }).exports
    const [a, b, c] = [2 ** 16, 2 ** 18, 2 ** 19]
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
      name: `our wasm kernel (${words}) on a [${ROWS}, ${DEPTH}] x [${DEPTH}, ${COLUMNS}] product in cache`,
      gflopsPerThread: flops / bestMs / 1e6,
    }
  }
  throw new Error('No build of the kernels runs in this Node.')
}
