import { createRequire } from 'node:module'
import { dirname, join, sep } from 'node:path'
import { RecommenderError } from '@perennial/core'
import type * as tf from '@tensorflow/tfjs'
import type { BackendWasm, setWasmPaths } from '@tensorflow/tfjs-backend-wasm'
import { registerWasmKernels } from './wasm-kernels.ts'

/** Backends that tf.js may run on here. */
export const TENSOR_BACKENDS = ['tensorflow', 'wasm'] as const

/** One of {@link TENSOR_BACKENDS}: libtensorflow through tfjs-node, or the portable one. */
export type TensorBackend = (typeof TENSOR_BACKENDS)[number]

/** The tf.js module. */
export type Tensorflow = typeof tf

/** What {@link loadTensorflow} found. */
export interface LoadedTensorflow {
  readonly tf: Tensorflow
  readonly backend: TensorBackend
  /** Version of what computes: of libtensorflow, or of the wasm backend. */
  readonly version: string
  /** Set when `auto` had to take the slow backend: what was lost and how to get it, one line. */
  readonly note?: string
}

const WAY_OUT =
  'run `node node_modules/@perennial/train/scripts/stage-libtensorflow.mjs` (in a clone of Perennial: `npm run setup`)'

const require = createRequire(import.meta.url)

/**
 * Returns tf.js with a backend that works, silently.
 *
 * tf.js keeps one current backend a process, so the last call decides for all holders of the module.
 *
 * @param backend - `auto` takes `tensorflow` where its native add-on loads, else `wasm`.
 * @throws {@link RecommenderError} `ENGINE_UNAVAILABLE` if the backend asked for cannot be loaded.
 */
export async function loadTensorflow(
  backend: 'auto' | TensorBackend = 'auto',
): Promise<LoadedTensorflow> {
  if (backend === 'wasm') return loadWasm()
  try {
    return await loadNative()
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split('\n', 1)[0] : String(cause)
    if (backend === 'tensorflow') {
      throw new RecommenderError(
        'ENGINE_UNAVAILABLE',
        `Expected @tensorflow/tfjs-node to load, got: ${why} To get it, ${WAY_OUT}.`,
        { cause },
      )
    }
    const note = `tfjs-node did not load, so tensors are computed by the portable wasm backend, which is many times slower. To get it, ${WAY_OUT}.`
    return { ...(await loadWasm()), note }
  }
}

/**
 * Gives `util` back the two functions that tfjs-node 4.22 calls and Node 23 removed (tensorflow/tfjs issue 8609).
 */
export function restoreUtilFunctions(util: Record<string, unknown>): void {
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined
  util.isArray ??= Array.isArray
}

async function loadNative(): Promise<LoadedTensorflow> {
  // Read once, when the library is opened. Level 2 keeps errors. oneDNN announces itself on stderr
  // whatever the level; what it gains is its pooled allocator, which the last line turns on alone:
  // without it each large result is new memory, and a [13700, 64] x [64, 1024] product takes 4 times as long.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2'
  process.env.TF_ENABLE_ONEDNN_OPTS ??= '0'
  process.env.TF_CPU_ALLOCATOR_USE_BFC ??= '1'
  restoreUtilFunctions(require('node:util') as Record<string, unknown>)
  loadTfjs()
  const tfNode = require('@tensorflow/tfjs-node') as Tensorflow
  await setBackend(tfNode, 'tensorflow')
  const { binding } = tfNode.backend() as unknown as { binding: { TF_Version: string } }
  return { tf: tfNode, backend: 'tensorflow', version: binding.TF_Version }
}

async function loadWasm(): Promise<LoadedTensorflow> {
  try {
    const tfjs = loadTfjs()
    const path = require.resolve('@tensorflow/tfjs-backend-wasm')
    const wasm = require(path) as { setWasmPaths: typeof setWasmPaths; version_wasm: string }
    if (tfjs.findBackend('wasm') === null) wasm.setWasmPaths(join(dirname(path), sep))
    await withoutNewProcessListeners(() => setBackend(tfjs, 'wasm'))
    registerWasmKernels(tfjs, tfjs.backend() as BackendWasm)
    return { tf: tfjs, backend: 'wasm', version: wasm.version_wasm }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new RecommenderError(
      'ENGINE_UNAVAILABLE',
      `Expected the wasm backend of tf.js to load, got: ${why}`,
      { cause },
    )
  }
}

function loadTfjs(): Tensorflow {
  const tfjs = require('@tensorflow/tfjs') as Tensorflow
  // Without it tf.js prints an advertisement for tfjs-node and warns about kernels registered twice.
  tfjs.enableProdMode()
  return tfjs
}

async function setBackend(tfjs: Tensorflow, name: TensorBackend): Promise<void> {
  if (!(await tfjs.setBackend(name))) throw new Error(`tf.js cannot start its backend ${name}.`)
  await tfjs.ready()
}

/**
 * Emscripten's start-up code takes over uncaught exceptions and rejections of the whole process,
 * which would hide the caller's own errors behind a line of its minified source.
 */
async function withoutNewProcessListeners(run: () => Promise<void>): Promise<void> {
  const events = ['uncaughtException', 'unhandledRejection']
  const before = events.map((event) => new Set(process.rawListeners(event)))
  try {
    await run()
  } finally {
    events.forEach((event, i) => {
      for (const listener of process.rawListeners(event)) {
        if (!before[i]?.has(listener)) process.off(event, listener as () => void)
      }
    })
  }
}
