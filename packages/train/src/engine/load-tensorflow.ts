import { createRequire } from 'node:module'
import { RecommenderError } from '@perennial/core'
import type * as tf from '@tensorflow/tfjs'

/** The tf.js module. */
export type Tensorflow = typeof tf

/** What {@link loadTensorflow} found. */
export interface LoadedTensorflow {
  readonly tf: Tensorflow
  /** Version of libtensorflow. */
  readonly version: string
}

const WAY_OUT =
  'run `node node_modules/@perennial/train/scripts/stage-libtensorflow.mjs` (in a clone of Perennial: `npm run setup`)'

const require = createRequire(import.meta.url)

/**
 * Returns tf.js on libtensorflow, silently.
 *
 * @throws {@link RecommenderError} `ENGINE_UNAVAILABLE` if the native add-on cannot be loaded.
 */
export async function loadTensorflow(): Promise<LoadedTensorflow> {
  try {
    return await loadNative()
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split('\n', 1)[0] : String(cause)
    throw new RecommenderError(
      'ENGINE_UNAVAILABLE',
      `Expected @tensorflow/tfjs-node to load, got: ${why} To get it, ${WAY_OUT}.`,
      { cause },
    )
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
  const tfNode = requireFirst(['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node']) as Tensorflow
  if (!(await tfNode.setBackend('tensorflow'))) throw new Error('tf.js cannot start its backend.')
  await tfNode.ready()
  const { binding } = tfNode.backend() as unknown as { binding: { TF_Version: string } }
  return { tf: tfNode, version: binding.TF_Version }
}

/** Loads the first module that is installed: whoever installed the GPU build wants it. */
function requireFirst(names: readonly [string, ...string[]]): unknown {
  const installed = names.find((name) => {
    try {
      return require.resolve(name) !== ''
    } catch {
      return false
    }
  })
  return require(installed ?? (names[names.length - 1] as string))
}

function loadTfjs(): Tensorflow {
  const tfjs = require('@tensorflow/tfjs') as Tensorflow
  // Without it tf.js prints an advertisement for tfjs-node and warns about kernels registered twice.
  tfjs.enableProdMode()
  return tfjs
}
