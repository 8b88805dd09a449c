import type { Program, ProgramNode } from './program.ts'

/** Where one operation finds what it works on, in bytes from the start of a worker's arena. */
export interface PlannedNode {
  readonly node: ProgramNode
  readonly inputs: readonly number[]
  readonly output: number
  /** What the forward pass keeps for the backward pass beside values; -1 where nothing. */
  readonly kept: number
  readonly keptInverse: number
  /** Gradient of the output. */
  readonly gradient: number
  /** Gradients of the inputs, and whether they already hold another operation's share. */
  readonly inputGradients: readonly number[]
  readonly adds: readonly boolean[]
  readonly width: number
  readonly inputWidth: number
}

/** A program with places for everything. Backward runs the nodes in reverse. */
export interface Plan {
  readonly nodes: readonly PlannedNode[]
  readonly input: number
  readonly output: number
  /** Gradients of the network's input and output. */
  readonly inputGradient: number
  readonly outputGradient: number
  /** Width of the input, and of the output. */
  readonly dim: number
  readonly outputWidth: number
  readonly bytes: number
}

/** Operations whose result may stand where their input stood. */
const IN_PLACE = new Set([
  'add',
  'addRow',
  'multiply',
  'scale',
  'relu',
  'gelu',
  'silu',
  'sigmoid',
  'dropout',
])

/** Operations that read their inputs, or their result, again in the backward pass. */
const KEEPS_INPUTS = new Set([
  'multiply',
  'gelu',
  'silu',
  'matMul',
  'attention',
  'pointwiseAttention',
])
const KEEPS_OUTPUT = new Set(['relu', 'sigmoid', 'unitRows'])

/** Kernels work four values at a time and products read a little further. */
const SLACK_BYTES = 64

/** Options of {@link planBuffers}. */
export interface PlanOptions {
  /** Most tokens of one micro-batch. */
  readonly maxTokens: number
  /** Most attention weights of one micro-batch and head. */
  readonly maxShares: number
  /** Whether there is a backward pass. */
  readonly training: boolean
}

/**
 * Gives each value and gradient of a program a place, and places that are no longer needed to others.
 *
 * Time runs through the nodes forward and then backward. A value lives until its last reader, a gradient from its
 * first share to the operation that passes it on.
 */
export function planBuffers(program: Program, options: PlanOptions): Plan {
  const { nodes, widths, output } = program
  const places = createPlaces()
  const forward = planForward(program, { places, ...options })
  const gradientAt = new Int32Array(widths.length).fill(-1)
  gradientAt[output] = places.take(bytesOf(widths[output] as number, options))
  const backward = options.training
    ? planBackward(program, { places, gradientAt, ...options })
    : nodes.map(() => ({ inputGradients: [], adds: [] }))
  const { valueAt } = forward
  return {
    nodes: nodes.map((node, i) => ({
      node,
      inputs: node.inputs.map((value) => valueAt[value] as number),
      output: valueAt[node.output] as number,
      ...(forward.kept[i] as KeptPlaces),
      gradient: gradientAt[node.output] as number,
      ...(backward[i] as GradientPlaces),
      width: widths[node.output] as number,
      inputWidth: widths[node.inputs[0] ?? 0] as number,
    })),
    input: valueAt[0] as number,
    output: valueAt[output] as number,
    inputGradient: gradientAt[0] as number,
    outputGradient: gradientAt[output] as number,
    dim: widths[0] as number,
    outputWidth: widths[output] as number,
    bytes: places.size(),
  }
}

type KeptPlaces = Pick<PlannedNode, 'kept' | 'keptInverse'>
type GradientPlaces = Pick<PlannedNode, 'inputGradients' | 'adds'>

function bytesOf(width: number, { maxTokens }: Pick<PlanOptions, 'maxTokens'>): number {
  return 4 * maxTokens * width + SLACK_BYTES
}

function planForward(
  program: Program,
  options: PlanOptions & { readonly places: Places },
): { valueAt: Int32Array; kept: KeptPlaces[] } {
  const { nodes, widths } = program
  const { places, training } = options
  const sizeOf = (value: number): number => bytesOf(widths[value] as number, options)
  const lastRead = new Int32Array(widths.length).fill(-1)
  nodes.forEach((node, i) => {
    for (const value of node.inputs) lastRead[value] = i
  })
  const needed = neededBackward(program, training)
  const valueAt = new Int32Array(widths.length)
  valueAt[0] = places.take(sizeOf(0))
  const kept = nodes.map((node, i) => {
    const release = (): void => {
      for (const value of new Set(node.inputs))
        if (lastRead[value] === i && !needed.has(value))
          places.give(valueAt[value] as number, sizeOf(value))
    }
    if (IN_PLACE.has(node.op)) release()
    valueAt[node.output] = places.take(sizeOf(node.output))
    const sizes = keptBytes(node, widths[node.output] as number, options)
    const [whole, inverse] = sizes.map((bytes) => (bytes === 0 ? -1 : places.take(bytes))) as [
      number,
      number,
    ]
    if (!IN_PLACE.has(node.op)) release()
    // Without a backward pass nothing is kept beyond its node.
    if (!training) {
      if (whole >= 0) places.give(whole, sizes[0])
      if (inverse >= 0) places.give(inverse, sizes[1])
    }
    return { kept: whole, keptInverse: inverse }
  })
  return { valueAt, kept }
}

function neededBackward({ nodes, output }: Program, training: boolean): Set<number> {
  const needed = new Set([output])
  if (!training) return needed
  for (const node of nodes) {
    if (KEEPS_INPUTS.has(node.op)) for (const value of node.inputs) needed.add(value)
    if (KEEPS_OUTPUT.has(node.op)) needed.add(node.output)
  }
  return needed
}

/** Returns the bytes of what a node keeps beside values: the whole of it, and one value a row. */
function keptBytes(
  node: ProgramNode,
  width: number,
  options: PlanOptions,
): [whole: number, inverse: number] {
  const inverse = bytesOf(1, options)
  switch (node.op) {
    case 'layerNorm':
      return [bytesOf(width, options), inverse]
    case 'unitRows':
      return [0, inverse]
    case 'attention':
    case 'pointwiseAttention':
      return [4 * options.maxShares * node.numHeads + SLACK_BYTES, 0]
    default:
      return [0, 0]
  }
}

function planBackward(
  { nodes, widths }: Program,
  {
    places,
    gradientAt,
    ...options
  }: PlanOptions & { readonly places: Places; readonly gradientAt: Int32Array },
): GradientPlaces[] {
  const sizeOf = (value: number): number => bytesOf(widths[value] as number, options)
  const planned: GradientPlaces[] = []
  for (let i = nodes.length - 1; i >= 0; i--) {
    const { op, inputs, output } = nodes[i] as ProgramNode
    const isFresh = inputs.map((value) => gradientAt[value] === -1)
    // One fresh gradient may take over the place of the result's, which nobody needs any more.
    const heir = IN_PLACE.has(op) ? isFresh.lastIndexOf(true) : -1
    inputs.forEach((value, n) => {
      if (isFresh[n] && n !== heir) gradientAt[value] = places.take(sizeOf(value))
    })
    places.give(gradientAt[output] as number, sizeOf(output))
    const inherited = inputs[heir]
    if (inherited !== undefined)
      gradientAt[inherited] = places.take(sizeOf(inherited), gradientAt[output])
    planned[i] = {
      inputGradients: inputs.map((value) => gradientAt[value] as number),
      adds: isFresh.map((fresh) => !fresh),
    }
  }
  return planned
}

/** Places of a growing buffer, used again by size. */
interface Places {
  take(bytes: number, preferred?: number): number
  give(place: number, bytes: number): void
  size(): number
}

function createPlaces(): Places {
  const free = new Map<number, number[]>()
  let end = 0
  return {
    take: (bytes, preferred) => {
      const list = free.get(bytes) ?? []
      const wanted = preferred === undefined ? -1 : list.indexOf(preferred)
      if (wanted >= 0) return list.splice(wanted, 1)[0] as number
      const reused = list.pop()
      if (reused !== undefined) return reused
      const place = end
      end += (bytes + 63) & ~63
      return place
    },
    give: (place, bytes) => {
      const list = free.get(bytes) ?? []
      list.push(place)
      free.set(bytes, list)
    },
    size: () => end,
  }
}
