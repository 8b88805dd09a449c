import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'

/** An address or a number of bytes in the kernels' memory. */
type Bytes = number

/** The compiled kernels; see `packages/train/kernels` for what each does. Flags are 0 or 1. */
export interface Kernels {
  matMul(
    m: number,
    n: number,
    k: number,
    a: Bytes,
    aRow: Bytes,
    aStep: Bytes,
    b: Bytes,
    bRow: Bytes,
    c: Bytes,
    cRow: Bytes,
    bias: Bytes,
    add: number,
  ): void
  transpose(r: number, c: number, a: Bytes, aRow: Bytes, b: Bytes, bRow: Bytes): void
  addColumnSums(m: number, n: number, a: Bytes, aRow: Bytes, sums: Bytes): void
  sum(n: number, a: Bytes, b: Bytes, out: Bytes): void
  sumRow(m: number, n: number, a: Bytes, row: Bytes, out: Bytes): void
  scale(n: number, x: Bytes, factor: number, out: Bytes, add: number): void
  product(n: number, a: Bytes, b: Bytes, out: Bytes, add: number): void
  relu(n: number, x: Bytes, out: Bytes): void
  reluGradient(n: number, y: Bytes, dy: Bytes, out: Bytes, add: number): void
  sigmoid(n: number, x: Bytes, out: Bytes): void
  sigmoidGradient(n: number, y: Bytes, dy: Bytes, out: Bytes, add: number): void
  silu(n: number, x: Bytes, out: Bytes): void
  siluGradient(n: number, x: Bytes, dy: Bytes, out: Bytes, add: number): void
  gelu(n: number, x: Bytes, out: Bytes): void
  geluGradient(n: number, x: Bytes, dy: Bytes, out: Bytes, add: number): void
  dropout(
    n: number,
    x: Bytes,
    out: Bytes,
    add: number,
    counter: number,
    seed: number,
    threshold: number,
    factor: number,
  ): void
  lookup(m: number, n: number, table: Bytes, keys: Bytes, out: Bytes): void
  addToRows(m: number, n: number, rows: Bytes, keys: Bytes, table: Bytes): void
  layerNorm(
    m: number,
    n: number,
    x: Bytes,
    gain: Bytes,
    bias: Bytes,
    normal: Bytes,
    inverse: Bytes,
    out: Bytes,
  ): void
  layerNormGradient(
    m: number,
    n: number,
    dy: Bytes,
    normal: Bytes,
    inverse: Bytes,
    gain: Bytes,
    dGain: Bytes,
    dBias: Bytes,
    out: Bytes,
    add: number,
  ): void
  unitRows(m: number, n: number, x: Bytes, length: number, inverse: Bytes, out: Bytes): void
  unitRowsGradient(
    m: number,
    n: number,
    dy: Bytes,
    y: Bytes,
    length: number,
    inverse: Bytes,
    out: Bytes,
    add: number,
  ): void
  attention(
    l: number,
    d: number,
    q: Bytes,
    k: Bytes,
    v: Bytes,
    row: Bytes,
    scale: number,
    shares: Bytes,
    scratch: Bytes,
    out: Bytes,
    outRow: Bytes,
  ): void
  attentionGradient(
    l: number,
    d: number,
    q: Bytes,
    k: Bytes,
    v: Bytes,
    row: Bytes,
    scale: number,
    shares: Bytes,
    scratch: Bytes,
    dOut: Bytes,
    outRow: Bytes,
    dq: Bytes,
    dk: Bytes,
    dv: Bytes,
  ): void
  pointwiseAttention(
    l: number,
    d: number,
    q: Bytes,
    k: Bytes,
    v: Bytes,
    row: Bytes,
    factor: number,
    position: Bytes,
    time: Bytes,
    buckets: Bytes,
    scores: Bytes,
    scratch: Bytes,
    out: Bytes,
    outRow: Bytes,
  ): void
  pointwiseAttentionGradient(
    l: number,
    d: number,
    q: Bytes,
    k: Bytes,
    v: Bytes,
    row: Bytes,
    factor: number,
    buckets: Bytes,
    scores: Bytes,
    scratch: Bytes,
    dOut: Bytes,
    outRow: Bytes,
    dq: Bytes,
    dk: Bytes,
    dv: Bytes,
    dPosition: Bytes,
    dTime: Bytes,
  ): void
  softmaxLoss(
    m: number,
    n: number,
    logits: Bytes,
    row: Bytes,
    targets: Bytes,
    share: number,
  ): number
  sampledSoftmaxLoss(
    m: number,
    k: number,
    logits: Bytes,
    row: Bytes,
    positives: Bytes,
    targets: Bytes,
    negatives: Bytes,
    bias: Bytes,
    step: Bytes,
    share: number,
  ): number
  binaryLoss(
    m: number,
    k: number,
    logits: Bytes,
    row: Bytes,
    positives: Bytes,
    targets: Bytes,
    negatives: Bytes,
    bias: Bytes,
    step: Bytes,
    share: number,
    beta: number,
  ): number
  addRows(m: number, n: number, logits: Bytes, row: Bytes, values: Bytes, rows: Bytes): void
  addPicked(
    m: number,
    k: number,
    logits: Bytes,
    row: Bytes,
    values: Bytes,
    width: number,
    rows: Bytes,
    ids: Bytes,
    step: Bytes,
  ): void
  innerProducts(
    m: number,
    k: number,
    d: number,
    hidden: Bytes,
    items: Bytes,
    ids: Bytes,
    out: Bytes,
    row: Bytes,
  ): void
  addInnerGradients(
    m: number,
    k: number,
    d: number,
    hidden: Bytes,
    items: Bytes,
    ids: Bytes,
    gradients: Bytes,
    row: Bytes,
    dHidden: Bytes,
    dItems: Bytes,
  ): void
  reduce(n: number, first: Bytes, stride: Bytes, buffers: number): void
  adam(
    n: number,
    weights: Bytes,
    gradients: Bytes,
    mean: Bytes,
    square: Bytes,
    rate: number,
    beta1: number,
    beta2: number,
    correction: number,
    epsilon: number,
  ): void
}

/** The two builds of the kernels, faster first: with fused multiply-add where this Node takes it. */
const BUILDS = ['relaxed-simd', 'simd'] as const

/**
 * Returns the fastest build of the kernels that this Node can run, compiled.
 *
 * Node 20 knows relaxed SIMD but keeps it behind a flag of V8, which this sets for the process.
 */
export async function compileKernels(): Promise<{ module: WebAssembly.Module; build: string }> {
  if (process.versions.node.startsWith('20.'))
    setFlagsFromString('--experimental-wasm-relaxed-simd')
  for (const build of BUILDS) {
    const path = new URL(`../../../wasm/kernels.${build}.wasm`, import.meta.url)
    const bytes = await readFile(fileURLToPath(path))
    if (WebAssembly.validate(bytes)) return { module: await WebAssembly.compile(bytes), build }
  }
  throw new Error('WebAssembly with SIMD and threads is missing from this Node')
}

/** Binds the kernels to a memory. */
export function bindKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernels
}
