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
  readonly dim: number
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

/**
 * Gives each value and gradient of a program a place, and places that are no longer needed to others.
 *
 * Time runs through the nodes forward and then backward. A value lives until its last reader, a gradient from its
 * first share to the operation that passes it on.
 *
 * @param maxTokens - Most tokens of one micro-batch.
 * @param maxShares - Most attention weights of one micro-batch and head.
 * @param training - Whether there is a backward pass.
 */
export function planBuffers(
  { nodes, widths, output }: Program,
  { maxTokens, maxShares, training }: { maxTokens: number; maxShares: number; training: boolean },
): Plan {
  const places = createPlaces()
  const bytesOf = (value: number): number => 4 * maxTokens * (widths[value] as number) + SLACK_BYTES
  const lastRead = new Int32Array(widths.length).fill(-1)
  nodes.forEach((node, i) => {
    for (const value of node.inputs) lastRead[value] = i
  })
  const kept = new Set<number>([output])
  if (training) {
    for (const node of nodes) {
      if (KEEPS_INPUTS.has(node.op)) for (const value of node.inputs) kept.add(value)
      if (KEEPS_OUTPUT.has(node.op)) kept.add(node.output)
    }
  }
  const at = new Int32Array(widths.length)
  at[0] = places.take(bytesOf(0))
  const keptAt = nodes.map((node, i) => {
    const dying = [...new Set(node.inputs)].filter(
      (value) => lastRead[value] === i && !kept.has(value),
    )
    const release = (): void => {
      for (const value of dying) places.give(at[value] as number, bytesOf(value))
    }
    const width = widths[node.output] as number
    if (IN_PLACE.has(node.op)) release()
    at[node.output] = places.take(bytesOf(node.output))
    let keep = -1
    let inverse = -1
    if (node.op === 'layerNorm') keep = places.take(bytesOf(node.output))
    if (node.op === 'layerNorm' || node.op === 'unitRows')
      inverse = places.take(4 * maxTokens + SLACK_BYTES)
    if (node.op === 'attention' || node.op === 'pointwiseAttention')
      keep = places.take(4 * maxShares * node.numHeads + SLACK_BYTES)
    if (!IN_PLACE.has(node.op)) release()
    if (!training) {
      if (keep >= 0)
        places.give(
          keep,
          node.op === 'layerNorm'
            ? bytesOf(node.output)
            : 4 * maxShares * (node as { numHeads: number }).numHeads + SLACK_BYTES,
        )
      if (inverse >= 0) places.give(inverse, 4 * maxTokens + SLACK_BYTES)
    }
    return { keep, inverse, width }
  })

  const gradientAt = new Int32Array(widths.length).fill(-1)
  gradientAt[output] = places.take(bytesOf(output))
  const backward = new Map<number, { inputGradients: number[]; adds: boolean[] }>()
  if (training) {
    for (let i = nodes.length - 1; i >= 0; i--) {
      const node = nodes[i] as ProgramNode
      const inputGradients: number[] = []
      const adds: boolean[] = []
      // The last input may take over the place of the result's gradient, so it comes after the others.
      const fresh = node.inputs.map(
        (value, n) => gradientAt[value] === -1 && node.inputs.indexOf(value) === n,
      )
      const heir = IN_PLACE.has(node.op) ? fresh.lastIndexOf(true) : -1
      node.inputs.forEach((value, n) => {
        adds[n] = !(fresh[n] as boolean)
        if (fresh[n] && n !== heir) gradientAt[value] = places.take(bytesOf(value))
      })
      places.give(gradientAt[node.output] as number, bytesOf(node.output))
      if (heir >= 0)
        gradientAt[node.inputs[heir] as number] = places.take(
          bytesOf(node.inputs[heir] as number),
          gradientAt[node.output],
        )
      node.inputs.forEach((value, n) => {
        inputGradients[n] = gradientAt[value] as number
      })
      backward.set(i, { inputGradients, adds })
    }
  }
  return {
    nodes: nodes.map((node, i) => ({
      node,
      inputs: node.inputs.map((value) => at[value] as number),
      output: at[node.output] as number,
      kept: keptAt[i]?.keep as number,
      keptInverse: keptAt[i]?.inverse as number,
      gradient: gradientAt[node.output] as number,
      inputGradients: backward.get(i)?.inputGradients ?? [],
      adds: backward.get(i)?.adds ?? [],
      width: widths[node.output] as number,
      inputWidth: widths[node.inputs[0] ?? 0] as number,
    })),
    input: at[0] as number,
    output: at[output] as number,
    inputGradient: gradientAt[0] as number,
    outputGradient: gradientAt[output] as number,
    dim: widths[0] as number,
    bytes: places.size(),
  }
}

/** Places of a growing buffer, used again by size. */
function createPlaces(): {
  take(bytes: number, preferred?: number): number
  give(place: number, bytes: number): void
  size(): number
} {
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
