import onnxProto from 'onnx-proto'

const { onnx } = onnxProto
const { AttributeType } = onnx.AttributeProto
const { DataType } = onnx.TensorProto

/** Attribute values that the network's nodes need. */
export type AttributeValue = number | readonly number[] | { readonly float: number }

/** A graph under construction: nodes in execution order, constants by name. */
export interface OnnxGraph {
  /** Adds a node with one output and returns the output's name. */
  node(
    operator: string,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, AttributeValue>>,
  ): string
  /** Adds a node with several outputs and returns their names. */
  nodes(
    operator: string,
    inputs: readonly string[],
    options: {
      readonly outputs: number
      readonly attributes?: Readonly<Record<string, AttributeValue>>
    },
  ): string[]
  /** Adds a float constant and returns its name; the same name is stored once. */
  floats(name: string, values: Float32Array, shape: readonly number[]): string
  /** Returns the name of an int64 constant; a plain number is a scalar. */
  integers(values: number | readonly number[]): string
  /** Returns the name of a float scalar. */
  scalar(value: number): string
  /** Returns the name of a scalar in double precision. */
  double(value: number): string
  /** Adds a conversion; from double to int64 it cuts towards zero. */
  cast(value: string, to: CastType): string
  /** Gives a value a name of its own, as an output needs. */
  name(value: string, as: string): void
  /** Serialises the graph as an ONNX model. */
  encode(inputs: readonly OnnxValue[], outputs: readonly OnnxValue[]): Uint8Array
}

/** An input or output of a graph; a string in the shape names a free dimension. */
export interface OnnxValue {
  readonly name: string
  readonly type: 'float32' | 'int64'
  readonly shape: readonly (number | string)[]
}

/** Types that values of the graph are converted to. */
const CAST_TYPES: Readonly<Record<CastType, number>> = {
  double: DataType.DOUBLE,
  int64: DataType.INT64,
}

type CastType = 'double' | 'int64'

/** Operator set that holds LayerNormalization, and that ONNX Runtime 1.13 and later run. */
const OPSET = 17
const IR_VERSION = 8

/** Creates an empty graph. */
export function createOnnxGraph(): OnnxGraph {
  const node: InstanceType<typeof onnx.NodeProto>[] = []
  const initializer = new Map<string, InstanceType<typeof onnx.TensorProto>>()
  const constant = (
    name: string,
    dataType: number,
    rawData: Uint8Array,
    dims: readonly number[],
  ): string => {
    if (!initializer.has(name)) {
      initializer.set(name, onnx.TensorProto.create({ name, dataType, rawData, dims: [...dims] }))
    }
    return name
  }
  const nodes: OnnxGraph['nodes'] = (operator, inputs, { outputs, attributes = {} }) => {
    const names = Array.from(
      { length: outputs },
      (_, i) => `${operator}_${node.length}${outputs > 1 ? `_${i}` : ''}`,
    )
    const attribute = Object.entries(attributes).map(([name, value]) =>
      encodeAttribute(name, value),
    )
    node.push(
      onnx.NodeProto.create({ opType: operator, input: [...inputs], output: names, attribute }),
    )
    return names
  }
  const addNode: OnnxGraph['node'] = (operator, inputs, attributes = {}) =>
    nodes(operator, inputs, { outputs: 1, attributes })[0] as string
  return {
    nodes,
    node: addNode,
    cast: (value, to) => addNode('Cast', [value], { to: CAST_TYPES[to] }),
    name: (value, as) => {
      node.push(onnx.NodeProto.create({ opType: 'Identity', input: [value], output: [as] }))
    },
    floats: (name, values, shape) =>
      constant(
        name,
        DataType.FLOAT,
        new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
        shape,
      ),
    integers: (values) => {
      const list = typeof values === 'number' ? [values] : values
      const raw = new Uint8Array(BigInt64Array.from(list, BigInt).buffer)
      const isScalar = typeof values === 'number'
      return constant(
        `int_${isScalar ? 'scalar_' : ''}${list.join('_')}`,
        DataType.INT64,
        raw,
        isScalar ? [] : [list.length],
      )
    },
    scalar: (value) =>
      constant(`float_${value}`, DataType.FLOAT, new Uint8Array(Float32Array.of(value).buffer), []),
    double: (value) =>
      constant(
        `double_${value}`,
        DataType.DOUBLE,
        new Uint8Array(Float64Array.of(value).buffer),
        [],
      ),
    encode: (inputs, outputs) => {
      const graph = onnx.GraphProto.create({
        name: 'encoder',
        node,
        initializer: [...initializer.values()],
        input: inputs.map(encodeValue),
        output: outputs.map(encodeValue),
      })
      const opsetImport = [onnx.OperatorSetIdProto.create({ domain: '', version: OPSET })]
      const model = onnx.ModelProto.create({
        irVersion: IR_VERSION,
        producerName: 'perennial',
        opsetImport,
        graph,
      })
      return onnx.ModelProto.encode(model).finish()
    },
  }
}

function encodeAttribute(
  name: string,
  value: AttributeValue,
): InstanceType<typeof onnx.AttributeProto> {
  if (typeof value === 'number')
    return onnx.AttributeProto.create({ name, type: AttributeType.INT, i: value })
  if ('float' in value)
    return onnx.AttributeProto.create({ name, type: AttributeType.FLOAT, f: value.float })
  return onnx.AttributeProto.create({ name, type: AttributeType.INTS, ints: [...value] })
}

function encodeValue({ name, type, shape }: OnnxValue): InstanceType<typeof onnx.ValueInfoProto> {
  const dim = shape.map((size) =>
    typeof size === 'string' ? { dimParam: size } : { dimValue: size },
  )
  const elemType = type === 'float32' ? DataType.FLOAT : DataType.INT64
  return onnx.ValueInfoProto.create({ name, type: { tensorType: { elemType, shape: { dim } } } })
}
