import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { loadTensorflow, restoreUtilFunctions } from './load-tensorflow.ts'

const FOLDER = dirname(fileURLToPath(import.meta.url))

function hasNative(): boolean {
  try {
    const manifest = createRequire(import.meta.url).resolve('@tensorflow/tfjs-node/package.json')
    return readdirSync(join(dirname(manifest), 'lib')).length > 0
  } catch {
    return false
  }
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

describe('loadTensorflow', () => {
  test.runIf(hasNative())('says which libtensorflow computes', async () => {
    const { tf, version } = await loadTensorflow()

    expect(version).toMatch(/^\d+\.\d+\.\d+/)
    expect(tf.getBackend()).toBe('tensorflow')
  })

  test.runIf(hasNative())('prints nothing and keeps the process listeners as they were', () => {
    const run = runAlone(`
      const { tf } = await loadTensorflow()
      tf.topk(tf.matMul(tf.ones([2, 3]), tf.ones([3, 2]))).values.dataSync()
      process.exitCode = process.listenerCount('uncaughtException')`)

    expect(run).toEqual({ status: 0, stdout: '', stderr: '' })
  })

  test('gives the cause and the way out when tfjs-node cannot be loaded', () => {
    const run = runAlone(`
      const { default: Module } = await import('node:module')
      const load = Module._load
      Module._load = (name, ...rest) => {
        if (name === '@tensorflow/tfjs-node') throw new Error('no add-on here')
        return load(name, ...rest)
      }
      const { code, message, cause } = await loadTensorflow().catch((error) => error)
      console.log(JSON.stringify({ code, message, cause: cause.message }))`)

    expect(run.stderr).toBe('')
    expect(JSON.parse(run.stdout)).toEqual({
      code: 'ENGINE_UNAVAILABLE',
      message: expect.stringContaining('stage-libtensorflow.mjs'),
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
      const { tf } = await loadTensorflow()
      console.log(tf.topk(tf.tensor1d([1, 3, 2]), 2).values.dataSync().join())`)

    expect(run).toEqual({ status: 0, stdout: '3,2\n', stderr: '' })
  })
})
