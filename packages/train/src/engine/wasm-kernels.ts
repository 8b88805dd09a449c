import type * as tf from '@tensorflow/tfjs'
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm'

/**
 * Registers the kernels that the wasm backend of tf.js 4.22 lacks and training needs.
 *
 * `UnsortedSegmentSum` is the gradient of every `gather` (tensorflow/tfjs issue 8082). Its cost is one
 * pass over `x`, which lies on the wasm heap and is not copied.
 */
export function registerWasmKernels(tfjs: typeof tf, backend: BackendWasm): void {
  const kernelName = 'UnsortedSegmentSum'
  if (tfjs.getKernel(kernelName, 'wasm')) return
  tfjs.registerKernel({
    kernelName,
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs }) => {
      const { x, segmentIds } = inputs as { x: tf.TensorInfo; segmentIds: tf.TensorInfo }
      const rowShape = x.shape.slice(segmentIds.shape.length)
      const sum = backend.makeOutput([attrs?.numSegments as number, ...rowShape], x.dtype)
      // The heap may have moved while the output was made, so the views are taken now.
      sumSegments(
        backend.typedArrayFromHeap(sum),
        backend.typedArrayFromHeap(x),
        backend.typedArrayFromHeap(segmentIds),
        rowShape.reduce((size, length) => size * length, 1),
      )
      return sum
    },
  })
}

/** Adds row `i` of `rows` into row `segmentIds[i]` of `sums`; as in TensorFlow, a negative id drops its row. */
function sumSegments(
  sums: tf.backend_util.TypedArray,
  rows: tf.backend_util.TypedArray,
  segmentIds: tf.backend_util.TypedArray,
  rowSize: number,
): void {
  sums.fill(0)
  for (let i = 0; i < segmentIds.length; i++) {
    const segment = segmentIds[i] as number
    if (segment < 0) continue
    const to = segment * rowSize
    const from = i * rowSize
    for (let j = 0; j < rowSize; j++)
      sums[to + j] = (sums[to + j] as number) + (rows[from + j] as number)
  }
}
