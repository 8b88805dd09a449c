import {
  DAY_SECONDS,
  type EncoderConfig,
  NUM_SEASONS,
  NUM_TIME_BUCKETS,
  NUM_WEEKDAYS,
  type Ops,
  type Parameters,
  TIME_BUCKET_WIDTH,
  type TokenKey,
  YEAR_DAYS,
} from '@perennial/core'
import type { OnnxGraph } from './onnx-graph.ts'
import { createOnnxRowOps } from './onnx-row-ops.ts'

/** Where the network's operations that look beyond a row find the batch in the graph. */
export interface OnnxBatch {
  /** Looked-up item vectors: float32 `[B, L, D]`, the newest event last, zeros before the oldest. */
  readonly itemVectors: string
  /** Events in each history: int64 `[B]`, within `1..L`. */
  readonly lengths: string
  /** Times of the events, seconds since 1970 UTC: int64 `[B, L]`, 0 before the oldest. Read only by a network that uses times. */
  readonly eventSeconds: string
  /** Time of the question, likewise: int64 `[B]`. */
  readonly askedSeconds: string
}

const GELU_SCALE = Math.sqrt(2 / Math.PI)
const GELU_CUBE = 0.044715

/**
 * Creates the network's operations as a recorder: a value is the name of a node's output of shape `[B, L, D]`.
 */
export function createOnnxOps(
  graph: OnnxGraph,
  {
    parameters,
    batch,
    config: { dim, maxLength },
  }: {
    readonly parameters: Parameters
    readonly batch: OnnxBatch
    readonly config: Pick<EncoderConfig, 'dim' | 'maxLength'>
  },
): Ops<string> {
  const { node, nodes, integers, scalar } = graph
  const layout = createLayout(graph, batch)
  const times = createTimes(graph, batch)
  const keyOf: Record<TokenKey, () => string> = {
    position: () => layout.fromNewest, // [L]
    gap: () => bucketOf(graph, node('Sub', [times.asked(), batch.eventSeconds])), // [B, L]
    weekday: () => weekdayOf(graph, times.asked()), // [B, L]
    season: () => seasonOf(graph, times.asked()), // [B, L]
  }
  const silu = (x: string): string => node('Mul', [x, node('Sigmoid', [x])])

  /** Splits `[B, L, 3 D]` into queries and values `[B, H, L, S]` with keys `[B, H, S, L]` between. */
  const splitHeads = (qkv: string, numHeads: number): [q: string, k: string, v: string] => {
    const parts = nodes('Split', [qkv, integers([dim, dim, dim])], {
      outputs: 3,
      attributes: { axis: 2 },
    })
    const [q, k, v] = parts.map((part) =>
      node('Reshape', [part, integers([0, 0, numHeads, dim / numHeads])]),
    ) as [string, string, string]
    return [
      node('Transpose', [q], { perm: [0, 2, 1, 3] }),
      node('Transpose', [k], { perm: [0, 2, 3, 1] }),
      node('Transpose', [v], { perm: [0, 2, 1, 3] }),
    ]
  }

  /** Weighs values `[B, H, L, S]` by `weights [B, H, L, L]` and puts the heads side by side: `[B, L, D]`. */
  const joinHeads = (weights: string, v: string): string =>
    node('Reshape', [
      node('Transpose', [node('MatMul', [weights, v])], { perm: [0, 2, 1, 3] }),
      integers([0, 0, dim]),
    ])

  return {
    ...createOnnxRowOps(graph, parameters),
    multiply: (a, b) => node('Mul', [a, b]),
    scale: (x, factor) => node('Mul', [x, scalar(factor)]),
    layerNorm: (x, gain, bias) =>
      node('LayerNormalization', [x, gain, bias], { axis: -1, epsilon: { float: 1e-6 } }),
    unitRows: (x, length) => {
      const squares = node('ReduceSumSquare', [x], { axes: [-1], keepdims: 1 })
      // A row of zeros would else become NaN, as it does not in the engines.
      const norm = node('Sqrt', [node('Add', [squares, scalar(1e-12)])])
      return node('Mul', [x, node('Div', [scalar(length), norm])])
    },
    gelu: (x) => {
      const square = node('Mul', [x, x])
      const slope = node('Add', [
        node('Mul', [square, scalar(GELU_SCALE * GELU_CUBE)]),
        scalar(GELU_SCALE),
      ])
      const curve = node('Add', [node('Tanh', [node('Mul', [x, slope])]), scalar(1)])
      return node('Mul', [node('Mul', [x, scalar(0.5)]), curve])
    },
    silu,
    sigmoid: (x) => node('Sigmoid', [x]),
    lookup: (table, key) => node('Gather', [table, keyOf[key]()]),
    causalAttention: (qkv, numHeads) => {
      const [q, k, v] = splitHeads(qkv, numHeads)
      const scores = node('Mul', [node('MatMul', [q, k]), scalar(1 / Math.sqrt(dim / numHeads))])
      const masked = node('Where', [layout.visible, scores, scalar(-1e9)])
      return joinHeads(node('Softmax', [masked], { axis: -1 }), v)
    },
    pointwiseAttention: (qkv, numHeads, bias) => {
      const [q, k, v] = splitHeads(qkv, numHeads)
      const column = (table: string): string => node('Reshape', [table, integers([-1])])
      const position = node('Gather', [column(bias.position), layout.distance()]) // [L, L]
      const time = node('Gather', [column(bias.time), times.pairBuckets()]) // [B, 1, L, L]
      const scores = node('Add', [node('MatMul', [q, k]), node('Add', [position, time])])
      const weights = node('Mul', [silu(scores), scalar(1 / maxLength)])
      // After the silu, which would make something of what is masked before it.
      return joinHeads(node('Where', [layout.visible, weights, scalar(0)]), v)
    },
  }
}

/** Where events lie in the padded batch. */
function createLayout(
  { node, integers }: OnnxGraph,
  { itemVectors, lengths }: OnnxBatch,
): {
  /** Position of each place counted from the newest event: `[L]`. */
  readonly fromNewest: string
  /** Whether token `i` sees event `j`: `[B, 1, L, L]`. */
  readonly visible: string
  /** Places from event `j` to token `i`, 0 where `j` is newer: `[L, L]`. */
  distance(): string
} {
  const length = node('Gather', [node('Shape', [itemVectors]), integers(1)])
  const steps = node('Range', [integers(0), length, integers(1)]) // [L]
  const oldest = node('Sub', [length, lengths]) // [B]
  const query = node('Unsqueeze', [steps, integers([1])]) // [L, 1]
  const key = node('Unsqueeze', [steps, integers([0])]) // [1, L]
  const isEvent = node('GreaterOrEqual', [key, node('Unsqueeze', [oldest, integers([1])])]) // [B, L]
  return {
    fromNewest: node('Sub', [node('Sub', [length, integers(1)]), steps]),
    visible: node('And', [
      node('LessOrEqual', [key, query]),
      node('Unsqueeze', [isEvent, integers([1, 2])]),
    ]),
    distance: once(() => node('Max', [node('Sub', [query, key]), integers(0)])),
  }
}

/** Times of the batch; nothing is recorded before it is asked for, since most networks have no such inputs. */
function createTimes(
  graph: OnnxGraph,
  { eventSeconds, askedSeconds }: OnnxBatch,
): {
  /** When the question of each token is asked, that is when the next event was: int64 `[B, L]`. */
  asked(): string
  /** Time bucket from event `j` to the question of token `i`: int64 `[B, 1, L, L]`. */
  pairBuckets(): string
} {
  const { node, integers } = graph
  const asked = once(() => {
    const end = integers([Number.MAX_SAFE_INTEGER])
    const later = node('Slice', [eventSeconds, integers([1]), end, integers([1])]) // [B, L - 1]
    return node('Concat', [later, node('Unsqueeze', [askedSeconds, integers([1])])], { axis: 1 })
  })
  const pairBuckets = once(() => {
    const question = node('Unsqueeze', [asked(), integers([1, 3])]) // [B, 1, L, 1]
    const event = node('Unsqueeze', [eventSeconds, integers([1, 2])]) // [B, 1, 1, L]
    return bucketOf(graph, node('Sub', [question, event]))
  })
  return { asked, pairBuckets }
}

/** As `timeBucket` of core, for an int64 of any shape. */
function bucketOf({ node, integers, double, cast }: OnnxGraph, seconds: string): string {
  const span = cast(node('Max', [seconds, integers(1)]), 'double')
  // In single precision some spans at the border of two buckets would fall into the other one.
  const bucket = cast(node('Div', [node('Log', [span]), double(TIME_BUCKET_WIDTH)]), 'int64')
  return node('Min', [bucket, integers(NUM_TIME_BUCKETS - 1)])
}

/** As `weekdayOf` of core, in whole numbers, which `Div` rounds towards zero and `Mod` does not. */
function weekdayOf({ node, integers }: OnnxGraph, seconds: string): string {
  const day = integers(DAY_SECONDS)
  const midnight = node('Sub', [seconds, node('Mod', [seconds, day])])
  const days = node('Div', [midnight, day])
  return node('Mod', [node('Add', [days, integers(4)]), integers(NUM_WEEKDAYS)])
}

/** As `seasonOf` of core. */
function seasonOf({ node, integers, double, cast }: OnnxGraph, seconds: string): string {
  const days = node('Div', [cast(seconds, 'double'), double(DAY_SECONDS)])
  const years = node('Div', [days, double(YEAR_DAYS)])
  const passed = node('Sub', [years, node('Floor', [years])])
  const season = cast(node('Mul', [passed, double(NUM_SEASONS)]), 'int64')
  return node('Min', [season, integers(NUM_SEASONS - 1)])
}

/** Returns `record` so that its nodes are added once, however many blocks use them. */
function once(record: () => string): () => string {
  let value: string | undefined
  return () => {
    value ??= record()
    return value
  }
}
