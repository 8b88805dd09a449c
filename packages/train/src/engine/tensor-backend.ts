import type * as Tensorflow from '@tensorflow/tfjs'

type Tensor = Tensorflow.Tensor
/** The module object of tf.js on tfjs-node. */
export type Tf = typeof Tensorflow

/** An attribute of a native operation, as the binding takes it. */
interface Attribute {
  readonly name: string
  readonly type: number
  readonly value: unknown
}

/** Native operations that tf.js has no function for. */
export interface NativeOps {
  /** Runs an operation with one result. */
  one(operation: string, attributes: readonly Attribute[], inputs: readonly Tensor[]): Tensor
  /** Runs an operation with `count` results. */
  many(
    operation: string,
    attributes: readonly Attribute[],
    run: { readonly inputs: readonly Tensor[]; readonly count: number },
  ): Tensor[]
  /** Element type of an operation: float32 or int32. */
  typed(name: string, type: 'float32' | 'int32'): Attribute
  text(name: string, value: string): Attribute
  flag(name: string, value: boolean): Attribute
  shape(name: string, value: readonly number[]): Attribute
}

interface NodeBackend {
  readonly binding: Readonly<Record<string, number>>
  executeSingleOutput(name: string, attributes: Attribute[], inputs: Tensor[]): Tensor
  executeMultipleOutputs(
    name: string,
    attributes: Attribute[],
    inputs: Tensor[],
    count: number,
  ): Tensor[]
}

/** Returns access to the native operations of tfjs-node. */
export function nativeOps(tf: Tf): NativeOps {
  const backend = tf.backend() as unknown as NodeBackend
  const { binding } = backend
  const attribute = (name: string, type: string, value: unknown): Attribute => ({
    name,
    type: binding[type] as number,
    value,
  })
  return {
    one: (operation, attributes, inputs) =>
      backend.executeSingleOutput(operation, [...attributes], [...inputs]),
    many: (operation, attributes, { inputs, count }) =>
      backend.executeMultipleOutputs(operation, [...attributes], [...inputs], count),
    typed: (name, type) =>
      attribute(name, 'TF_ATTR_TYPE', binding[type === 'float32' ? 'TF_FLOAT' : 'TF_INT32']),
    text: (name, value) => attribute(name, 'TF_ATTR_STRING', value),
    flag: (name, value) => attribute(name, 'TF_ATTR_BOOL', value),
    shape: (name, value) => attribute(name, 'TF_ATTR_SHAPE', value),
  }
}
