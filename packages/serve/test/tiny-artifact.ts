import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type BlendConfig,
  createEncoderConfig,
  type ItemRecord,
  writeArtifact,
} from '@perennial/core'
import proto from 'onnx-proto'

const { onnx } = proto
const FLOAT = 1
const INT64 = 7

/** The catalogue: six items whose vectors of length 3 can be multiplied by head. */
export const TINY_ITEMS: readonly (ItemRecord & {
  readonly vector: readonly [number, number, number]
  readonly popularity: number
  readonly trained: 0 | 1
})[] = [
  {
    ...item('tea', 'Green tea', ['Drinks', 'Tea'], 5),
    vector: [1, 0, 0],
    popularity: 10,
    trained: 1,
  },
  { ...item('milk', 'Milk', ['Drinks'], 2), vector: [0.75, 0.25, 0], popularity: 30, trained: 1 },
  { ...item('pan', 'Pan', ['Kitchen'], 40), vector: [0, 1, 0], popularity: 20, trained: 1 },
  { ...item('pot', 'Pot', ['Kitchen'], 50), vector: [0, 0.5, 0.25], popularity: 5, trained: 1 },
  { ...item('soap', 'Soap', ['Bath'], 3), vector: [0, 0, 1], popularity: 20, trained: 1 },
  { itemId: 'novelty', vector: [0.5, 0, 0], popularity: 0, trained: 0 },
]

export const TINY_BLEND: BlendConfig = { repeatWeight: 0.5, halfLifeDays: 10 }
export const TINY_MAX_LENGTH = 4

/**
 * Writes an artifact whose network is `query = mean of the item vectors + vector of the newest event`.
 *
 * @returns The folder, a new one below the system's temporary folder.
 */
export async function writeTinyArtifact({
  blend = TINY_BLEND,
}: {
  blend?: BlendConfig
} = {}): Promise<string> {
  const folder = join(await mkdtemp(join(tmpdir(), 'perennial-tiny-')), 'artifact')
  const vectors = new Float32Array((TINY_ITEMS.length + 1) * 3)
  for (const [i, { vector }] of TINY_ITEMS.entries()) vectors.set(vector, (i + 1) * 3)
  await writeArtifact(folder, {
    name: 'tiny',
    manifest: {
      encoder: createEncoderConfig({ dim: 3, maxLength: TINY_MAX_LENGTH }),
      blend,
      data: {
        numUsers: 3,
        numItems: TINY_ITEMS.length,
        numEvents: 12,
        trainedUntil: '2026-01-31T00:00:00.000Z',
        currency: 'EUR',
      },
      training: { engine: 'none', epochs: 0, seconds: 0, config: {} },
      metrics: {},
    },
    encoder: encodeTinyNetwork('query'),
    items: TINY_ITEMS,
    vectors: {
      dim: 3,
      vectors,
      popularity: Float32Array.of(0, ...TINY_ITEMS.map(({ popularity }) => popularity)),
      trained: Uint8Array.of(0, ...TINY_ITEMS.map(({ trained }) => trained)),
    },
  })
  return folder
}

/** Returns the network as ONNX bytes; it reads the newest event from the last position, as trained ones do. */
export function encodeTinyNetwork(outputName: string): Uint8Array {
  const node = (
    opType: string,
    input: string[],
    output: string,
    attribute: object[] = [],
  ): object => ({
    opType,
    input,
    output: [output],
    attribute,
  })
  const int = (name: string, i: number): object => ({ name, type: 2, i })
  const ints = (name: string, values: number[]): object => ({ name, type: 7, ints: values })
  const tensor = (name: string, elemType: number, dims: (string | number)[]): object => ({
    name,
    type: {
      tensorType: {
        elemType,
        shape: {
          dim: dims.map((d) => (typeof d === 'string' ? { dimParam: d } : { dimValue: d })),
        },
      },
    },
  })
  const model = onnx.ModelProto.create({
    irVersion: 7,
    opsetImport: [{ domain: '', version: 11 }],
    graph: {
      name: 'tiny',
      node: [
        node('ReduceSum', ['item_vectors'], 'sum', [ints('axes', [1]), int('keepdims', 0)]),
        node('Cast', ['lengths'], 'counts', [int('to', FLOAT)]),
        node('Unsqueeze', ['counts'], 'divisors', [ints('axes', [1])]),
        node('Div', ['sum', 'divisors'], 'mean'),
        node('Gather', ['item_vectors', 'last'], 'newest', [int('axis', 1)]),
        node('Add', ['mean', 'newest'], outputName),
      ],
      input: [tensor('item_vectors', FLOAT, ['B', 'L', 3]), tensor('lengths', INT64, ['B'])],
      output: [tensor(outputName, FLOAT, ['B', 3])],
      initializer: [{ name: 'last', dataType: INT64, dims: [], int64Data: [-1] }],
    },
  })
  return onnx.ModelProto.encode(model).finish()
}

function item(itemId: string, title: string, categoryPath: string[], price: number): ItemRecord {
  return { itemId, title, categoryPath, price }
}
