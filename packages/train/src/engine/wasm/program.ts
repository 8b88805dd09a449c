import type { Ops, TokenKey } from '@perennial/core'

/** One recorded operation. Values are numbered in the order in which they are made; 0 is the network's input. */
export type ProgramNode = {
  readonly inputs: readonly number[]
  readonly output: number
} & (
  | { readonly op: 'add' | 'multiply' | 'relu' | 'gelu' | 'silu' | 'sigmoid' }
  | { readonly op: 'addRow'; readonly row: string }
  | { readonly op: 'scale'; readonly factor: number }
  | { readonly op: 'matMul'; readonly weight: string; readonly bias: string | null }
  | { readonly op: 'layerNorm'; readonly gain: string; readonly bias: string }
  | { readonly op: 'unitRows'; readonly length: number }
  | { readonly op: 'dropout'; readonly rate: number; readonly site: number }
  | { readonly op: 'lookup'; readonly table: string; readonly key: TokenKey }
  | { readonly op: 'attention'; readonly numHeads: number }
  | {
      readonly op: 'pointwiseAttention'
      readonly numHeads: number
      readonly position: string
      readonly time: string
    }
)

/** A network as a list of operations on values of one row a token. */
export interface Program {
  readonly nodes: readonly ProgramNode[]
  /** Width of each value. */
  readonly widths: readonly number[]
  readonly output: number
}

type Recorded = { readonly value: number } | { readonly parameter: string }

/** A network as it is defined. */
export interface NetworkDefinition {
  /** Values a row of its input. */
  readonly inputWidth: number
  /** Shapes of its weights, by name. */
  readonly shapes: ReadonlyMap<string, readonly number[]>
  define<T>(ops: Ops<T>, input: T): T
}

/**
 * Records a network.
 *
 * A product whose only use is the sum with a bias takes the bias in, so it is never written without it.
 *
 * @param training - Whether dropout drops; without, it is left out.
 */
export function recordProgram(
  { inputWidth, shapes, define }: NetworkDefinition,
  training: boolean,
): Program {
  const nodes: ProgramNode[] = []
  const widths = [inputWidth]
  let numSites = 0
  const valueNumber = (x: Recorded): number => {
    if ('value' in x) return x.value
    throw new Error(`internal: the wasm engine has no operation on weight '${x.parameter}' here`)
  }
  const nameOf = (x: Recorded): string => {
    if ('parameter' in x) return x.parameter
    throw new Error('internal: the wasm engine expects a weight here')
  }
  const columnsOf = (name: string): number => (shapes.get(name) as readonly number[])[1] as number
  const push = (width: number, node: Omit<ProgramNode, 'output'>): Recorded => {
    if (new Set(node.inputs).size < node.inputs.length)
      throw new Error('internal: the wasm engine has no operation on one value twice')
    widths.push(width)
    nodes.push({ ...node, output: widths.length - 1 } as ProgramNode)
    return { value: widths.length - 1 }
  }
  const unary =
    (op: 'relu' | 'gelu' | 'silu' | 'sigmoid') =>
    (x: Recorded): Recorded =>
      push(widths[valueNumber(x)] as number, { op, inputs: [valueNumber(x)] } as never)
  const ops: Ops<Recorded> = {
    parameter: (name) => ({ parameter: name }),
    add: (a, b) => {
      const x = valueNumber(a)
      const width = widths[x] as number
      if ('value' in b) return push(width, { op: 'add', inputs: [x, b.value] } as never)
      const last = nodes[nodes.length - 1]
      if (last?.op === 'matMul' && last.output === x && last.bias === null) {
        nodes[nodes.length - 1] = { ...last, bias: b.parameter }
        return a
      }
      return push(width, { op: 'addRow', inputs: [x], row: b.parameter } as never)
    },
    multiply: (a, b) =>
      push(
        widths[valueNumber(a)] as number,
        { op: 'multiply', inputs: [valueNumber(a), valueNumber(b)] } as never,
      ),
    scale: (x, factor) =>
      push(
        widths[valueNumber(x)] as number,
        { op: 'scale', inputs: [valueNumber(x)], factor } as never,
      ),
    matMul: (x, w) => {
      const weight = nameOf(w)
      return push(columnsOf(weight), {
        op: 'matMul',
        inputs: [valueNumber(x)],
        weight,
        bias: null,
      } as never)
    },
    layerNorm: (x, gain, bias) =>
      push(
        widths[valueNumber(x)] as number,
        {
          op: 'layerNorm',
          inputs: [valueNumber(x)],
          gain: nameOf(gain),
          bias: nameOf(bias),
        } as never,
      ),
    unitRows: (x, length) =>
      push(
        widths[valueNumber(x)] as number,
        { op: 'unitRows', inputs: [valueNumber(x)], length } as never,
      ),
    relu: unary('relu'),
    gelu: unary('gelu'),
    silu: unary('silu'),
    sigmoid: unary('sigmoid'),
    dropout: (x, rate) => {
      if (!training || rate === 0) return x
      const site = numSites++
      return push(
        widths[valueNumber(x)] as number,
        {
          op: 'dropout',
          inputs: [valueNumber(x)],
          rate,
          site,
        } as never,
      )
    },
    lookup: (t, key) => {
      const table = nameOf(t)
      return push(columnsOf(table), { op: 'lookup', inputs: [], table, key } as never)
    },
    causalAttention: (qkv, numHeads) =>
      push((widths[valueNumber(qkv)] as number) / 3, {
        op: 'attention',
        inputs: [valueNumber(qkv)],
        numHeads,
      } as never),
    pointwiseAttention: (qkv, numHeads, { position, time }) =>
      push((widths[valueNumber(qkv)] as number) / 3, {
        op: 'pointwiseAttention',
        inputs: [valueNumber(qkv)],
        numHeads,
        position: nameOf(position),
        time: nameOf(time),
      } as never),
  }
  const output = valueNumber(define<Recorded>(ops, { value: 0 }))
  return { nodes, widths, output }
}
