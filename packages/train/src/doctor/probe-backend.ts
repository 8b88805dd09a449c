import { RecommenderError } from '@perennial/core'
import { loadTensorflow, type TensorBackend, type Tensorflow } from '../engine/load-tensorflow.ts'
import type { DoctorCheck } from './doctor.ts'

const SIZE = 1024
const MEASURE_MS = 400

/** Returns whether a backend of tf.js loads here, and how fast it multiplies. */
export async function probeBackend(backend: TensorBackend): Promise<DoctorCheck> {
  const name = `backend ${backend}`
  try {
    const { tf, version } = await loadTensorflow(backend)
    const gflops = measureGflops(tf)
    const library = backend === 'tensorflow' ? 'libtensorflow' : 'tfjs-backend-wasm'
    return { name, ok: true, found: `${library} ${version}, ${gflops.toFixed(0)} GFLOP/s`, gflops }
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
