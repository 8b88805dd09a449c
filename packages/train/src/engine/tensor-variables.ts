import type { Parameters } from '@perennial/core'
import type * as Tensorflow from '@tensorflow/tfjs'
import { ADAM, type Moments } from '../fit/adam.ts'
import type { StepOptions } from './engine.ts'
import { type NativeOps, nativeOps, type Tf } from './tensor-backend.ts'

type Tensor = Tensorflow.Tensor

/** The network's weights and moments as native variables, which Adam updates where they are. */
export interface TensorVariables {
  readonly names: readonly string[]
  /** Returns the weights as they are now; the caller disposes them. */
  weights(): Tensor[]
  /** Takes a step of Adam; gradients in the order of the names. */
  apply(gradients: readonly Tensor[], options: StepOptions): void
  /** Copies weights and moments to where they came from. */
  read(): void
  dispose(): void
}

/** Creates variables from the weights and moments of a run. */
export function createTensorVariables(
  tf: Tf,
  { parameters, moments }: { parameters: Parameters; moments: ReadonlyMap<string, Moments> },
): TensorVariables {
  const native = nativeOps(tf)
  const names = [...parameters.keys()]
  const variables = names.map((name) => {
    const { shape, values } = parameters.get(name) as { shape: number[]; values: Float32Array }
    const { mean, square } = moments.get(name) as Moments
    return [values, mean, square].map((array) => createVariable(tf, native, { array, shape }))
  })
  const { many, typed, flag } = native
  return {
    names,
    weights: () => variables.map(([weight]) => (weight as Variable).value()),
    apply: (gradients, { learningRate, step }) => {
      tf.tidy(() => {
        const power2 = ADAM.beta2 ** step
        // The native update divides by sqrt(v) + epsilon before the bias correction; ours after it.
        const epsilon = ADAM.epsilon * Math.sqrt(1 - power2)
        const settings = [ADAM.beta1 ** step, power2, learningRate, ADAM.beta1, ADAM.beta2, epsilon]
        const scalars = settings.map((value) => tf.scalar(value))
        variables.forEach((parts, i) => {
          many(
            'ResourceApplyAdam',
            [typed('T', 'float32'), flag('use_locking', false), flag('use_nesterov', false)],
            {
              inputs: [...parts.map(({ handle }) => handle), ...scalars, gradients[i] as Tensor],
              count: 0,
            },
          )
        })
      })
    },
    read: () => {
      for (const variable of variables.flat()) variable.read()
    },
    dispose: () => {
      for (const { handle } of variables.flat()) {
        many('DestroyResourceOp', [flag('ignore_lookup_error', true)], {
          inputs: [handle],
          count: 0,
        })
        handle.dispose()
      }
    },
  }
}

interface Variable {
  readonly handle: Tensor
  value(): Tensor
  read(): void
}

function createVariable(
  tf: Tf,
  { one, many, text, typed, shape: shapeOf }: NativeOps,
  { array, shape }: { array: Float32Array; shape: readonly number[] },
): Variable {
  const handle = one(
    'VarHandleOp',
    [
      text('container', ''),
      text('shared_name', `perennial-${globalThis.crypto.randomUUID()}`),
      typed('dtype', 'float32'),
      shapeOf('shape', shape),
    ],
    [],
  )
  tf.tidy(() => {
    many('AssignVariableOp', [typed('dtype', 'float32')], {
      inputs: [handle, tf.tensor(array.slice(), [...shape])],
      count: 0,
    })
  })
  const value = (): Tensor => one('ReadVariableOp', [typed('dtype', 'float32')], [handle])
  return {
    handle,
    value,
    read: () => {
      const tensor = value()
      array.set(tensor.dataSync() as Float32Array)
      tensor.dispose()
    },
  }
}
