import { availableParallelism } from 'node:os'
import { RecommenderError } from '@perennial/core'
import { loadTensorflow, type Tensorflow } from '../engine/load-tensorflow.ts'
import { measureKernels } from '../engine/wasm/measure-kernels.ts'
import type { DoctorCheck } from './doctor.ts'

const SIZE = 1024
const MEASURE_MS = 400

/** Returns whether our own kernels run here, and how fast one thread multiplies. */
export async function probeWasm(): Promise<DoctorCheck> {
  const name = 'engine wasm'
  try {
    const { name: kernel, gflopsPerThread: gflops } = await measureKernels()
    const found = `${gflops.toFixed(0)} GFLOP/s a thread (${kernel}), ${availableParallelism()} threads`
    return { name, ok: true, found, gflops }
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error)
    return {
      name,
      ok: false,
      found,
      wayOut: 'install the packages again; in a clone: `npm run setup`',
    }
  }
}

/** Returns whether libtensorflow loads here, and how fast it multiplies with all cores. */
export async function probeTensorflow(): Promise<DoctorCheck> {
  const name = 'engine tensorflow'
  try {
    const { tf, version } = await loadTensorflow()
    const gflops = measureGflops(tf)
    return {
      name,
      ok: true,
      found: `libtensorflow ${version}, ${gflops.toFixed(0)} GFLOP/s`,
      gflops,
    }
  } catch (error) {
    if (!(error instanceof RecommenderError)) throw error
    const [found = '', wayOut = 'install the packages again'] = error.message.split(' To get it, ')
    return { name, ok: false, found, wayOut }
  }
}

/** Best of the products that fit in the time; the first one, which warms up, does not count. */
function measureGflops(tf: Tensorflow): number {
  return tf.tidy(() => {
    const a = tf.randomUniform([SIZE, SIZE])
    const b = tf.randomUniform([SIZE, SIZE])
    const seconds = () => {
      const start = performance.now()
      const product = tf.matMul(a, b)
      product.dataSync()
      product.dispose()
      return (performance.now() - start) / 1000
    }
    seconds()
    let best = Infinity
    const end = performance.now() + MEASURE_MS
    do best = Math.min(best, seconds())
    while (performance.now() < end)
    return (2 * SIZE ** 3) / best / 1e9
  })
}
