import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

/** An address or a number of bytes in the kernels' memory. */
type Bytes = number

/** Offers the rows of a segment to the best so far. */
export type Scan = (
  base: Bytes,
  capacity: number,
  width: number,
  flags: Bytes,
  query: Bytes,
  row: number,
  best: Bytes,
) => void

/** The compiled kernels; see `packages/serve/kernels` for what each does. */
export interface Kernels {
  startBest(best: Bytes, wanted: number, capacity: number): void
  cutBest(best: Bytes, wanted: number): void
  writeBest(best: Bytes, rows: Bytes, scores: Bytes): number
  keepFlags(flags: Bytes, others: Bytes, count: number): void
  findNotFinite(values: Bytes, count: number): number
  scanFloat32: Scan
  scoreFloat32(base: Bytes, width: number, i: number, query: Bytes): number
  scanInt8: Scan
  scanInt8Exactly: Scan
  scoreInt8(base: Bytes, capacity: number, width: number, i: number, query: Bytes): number
  rescoreInt8(
    segments: Bytes,
    shift: number,
    width: number,
    query: Bytes,
    wanted: number,
    best: Bytes,
  ): void
  storeInt8(
    base: Bytes,
    capacity: number,
    width: number,
    i: number,
    rows: Bytes,
    dim: number,
    count: number,
  ): void
  readInt8(base: Bytes, capacity: number, width: number, i: number, to: Bytes, dim: number): void
  packQuery(query: Bytes, width: number, numbers: Bytes): void
}

/** Compiles the kernels. */
export async function compileKernels(): Promise<WebAssembly.Module> {
  const path = new URL('../../wasm/kernels.simd.wasm', import.meta.url)
  return WebAssembly.compile(await readFile(fileURLToPath(path)))
}

/** Binds the kernels to a memory. */
export function bindKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernels
}
