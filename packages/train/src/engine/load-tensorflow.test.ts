import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { loadTensorflow, restoreUtilFunctions, type Tensorflow } from './load-tensorflow.ts'

const FOLDER = dirname(fileURLToPath(import.meta.url))

function hasNative(): boolean {
  try {
    const manifest = createRequire(import.meta.url).resolve('@tensorflow/tfjs-node/package.json')
    return readdirSync(join(dirname(manifest), 'lib')).length > 0
  } catch {
    return false
  }
}

/** Gradient of `sum(gather(table, rows) * weight)`: the weights, added up by row of the table. */
function gatherGradient(tf: Tensorflow, rows: number[], weight: number[][]): number[][] {
  return tf.tidy(() => {
    const gradient = tf.grad((table) =>
      tf.sum(tf.mul(tf.gather(table, tf.tensor1d(rows, 'int32')), tf.tensor2d(weight))),
    )
    return gradient(tf.ones([4, 2])).arraySync() as number[][]
  })
}

/** Runs `body` with `loadTensorflow` in a Node of its own, where all that is printed can be seen. */
function runAlone(body: string) {
  const program = `
    import { createViteServer } from 'vitest/node'
    const resolve = { conditions: ['@perennial/source'] }
    const server = await createViteServer({
      configFile: false,
      logLevel: 'silent',
      optimizeDeps: { noDiscovery: true },
      server: { middlewareMode: true, ws: false, watch: null },
      resolve,
      ssr: { resolve },
    })
    const { loadTensorflow } = await server.ssrLoadModule('./load-tensorflow.ts')
    ${body}
    await server.close()`
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: FOLDER,
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '--no-deprecation', TF_CPP_MIN_LOG_LEVEL: undefined },
  })
  return { status: run.status, stdout: run.stdout, stderr: run.stderr }
}

describe.each([
  { backend: 'wasm' as const, runs: true },
  { backend: 'tensorflow' as const, runs: hasNative() },
])('loadTensorflow $backend', ({ backend, runs }) => {
  test.runIf(runs)('computes on the backend asked for and says which it is', async () => {
    const loaded = await loadTensorflow(backend)

    expect(loaded).toMatchObject({ backend, version: expect.stringMatching(/^\d+\.\d+\.\d+/) })
    expect(loaded.note).toBeUndefined()
    expect(loaded.tf.getBackend()).toBe(backend)
  })

  test.runIf(runs)('adds up the gradients of a row gathered twice', async () => {
    const { tf } = await loadTensorflow(backend)
    const weight = [
      [1, 10],
      [2, 20],
      [4, 40],
    ]

    expect(gatherGradient(tf, [2, 0, 2], weight)).toEqual([
      [2, 20],
      [0, 0],
      [1 + 4, 10 + 40],
      [0, 0],
    ])
  })

  test.runIf(runs)('leaves no tensor behind after a gradient', async () => {
    const { tf } = await loadTensorflow(backend)
    const before = tf.memory().numTensors

    gatherGradient(tf, [1], [[1, 1]])

    expect(tf.memory().numTensors).toBe(before)
  })

  test.runIf(runs)('prints nothing and keeps the process listeners as they were', () => {
    const run = runAlone(`
      const { tf } = await loadTensorflow('${backend}')
      tf.topk(tf.matMul(tf.ones([2, 3]), tf.ones([3, 2]))).values.dataSync()
      process.exitCode = process.listenerCount('uncaughtException')`)

    expect(run).toEqual({ status: 0, stdout: '', stderr: '' })
  })
})

describe('loadTensorflow auto', () => {
  test('takes tensorflow where it is, else wasm with a note of the way out', async () => {
    const { backend, note } = await loadTensorflow()

    expect(backend).toBe(hasNative() ? 'tensorflow' : 'wasm')
    if (backend === 'wasm') expect(note).toContain('npm run setup')
  })

  test('goes on with wasm when tfjs-node cannot be loaded; tensorflow asked for is an error', () => {
    const run = runAlone(`
      const { default: Module } = await import('node:module')
      const load = Module._load
      Module._load = (name, ...rest) => {
        if (name === '@tensorflow/tfjs-node') throw new Error('no add-on here')
        return load(name, ...rest)
      }
      const { backend, note } = await loadTensorflow()
      const error = await loadTensorflow('tensorflow').catch((error) => error)
      console.log(JSON.stringify({ backend, note, code: error.code, cause: error.cause.message }))`)

    expect(run.stderr).toBe('')
    expect(JSON.parse(run.stdout)).toEqual({
      backend: 'wasm',
      note: expect.stringContaining('stage-libtensorflow.mjs'),
      code: 'ENGINE_UNAVAILABLE',
      cause: 'no add-on here',
    })
  })
})

describe('restoreUtilFunctions', () => {
  test('gives back what Node 23 removed and leaves what is there', () => {
    const isArray = () => true
    const util: Record<string, unknown> = { isArray }

    restoreUtilFunctions(util)

    const isNullOrUndefined = util.isNullOrUndefined as (value: unknown) => boolean
    expect([null, undefined, 0, ''].map(isNullOrUndefined)).toEqual([true, true, false, false])
    expect(util.isArray).toBe(isArray)
  })

  test.runIf(hasNative())('lets topk run on tfjs-node without them', () => {
    const run = runAlone(`
      const { default: util } = await import('node:util')
      delete util.isNullOrUndefined
      delete util.isArray
      const { tf } = await loadTensorflow('tensorflow')
      console.log(tf.topk(tf.tensor1d([1, 3, 2]), 2).values.dataSync().join())`)

    expect(run).toEqual({ status: 0, stdout: '3,2\n', stderr: '' })
  })
})
