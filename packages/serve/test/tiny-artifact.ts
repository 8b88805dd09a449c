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
 * Writes an artifact whose network is that of {@link encodeTinyNetwork}.
 *
 * @returns The folder, a new one below the system's temporary folder.
 */
export async function writeTinyArtifact({
  blend = TINY_BLEND,
  usesTimes = false,
}: {
  blend?: BlendConfig
  usesTimes?: boolean
} = {}): Promise<string> {
  const folder = join(await mkdtemp(join(tmpdir(), 'perennial-tiny-')), 'artifact')
  const vectors = new Float32Array((TINY_ITEMS.length + 1) * 3)
  for (const [i, { vector }] of TINY_ITEMS.entries()) vectors.set(vector, (i + 1) * 3)
  await writeArtifact(folder, {
    name: 'tiny',
    manifest: {
      encoder: createEncoderConfig({
        dim: 3,
        maxLength: TINY_MAX_LENGTH,
        timeFeatures: usesTimes ? ['gap'] : [],
      }),
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
    encoder: encodeTinyNetwork('query', { usesTimes }),
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

/**
 * Returns as ONNX bytes `query = mean of the item vectors + vector of the newest event`, which it reads from the last
 * position, as trained ones do.
 *
 * @param usesTimes - Whether it adds `[0, age of all events, age of the newest event]`, in days at the question.
 */
export function encodeTinyNetwork(
  outputName: string,
  { usesTimes = false }: { usesTimes?: boolean } = {},
): Uint8Array {
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
  const ages = [
    node('Gather', ['event_seconds', 'last'], 'newestSeconds', [int('axis', 1)]),
    node('Sub', ['asked_seconds', 'newestSeconds'], 'newestAge'),
    node('ReduceSum', ['event_seconds'], 'eventSum', [ints('axes', [1]), int('keepdims', 0)]),
    node('Mul', ['asked_seconds', 'lengths'], 'askedSum'),
    node('Sub', ['askedSum', 'eventSum'], 'allAges'),
    node('Unsqueeze', ['newestAge'], 'newestColumn', [ints('axes', [1])]),
    node('Unsqueeze', ['allAges'], 'allColumn', [ints('axes', [1])]),
    node('Concat', ['allColumn', 'newestColumn'], 'ageSeconds', [int('axis', 1)]),
    node('Cast', ['ageSeconds'], 'ageFloats', [int('to', FLOAT)]),
    node('MatMul', ['ageFloats', 'daysByAxis'], 'ages'),
    node('Add', ['plain', 'ages'], outputName),
  ]
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
        node('Add', ['mean', 'newest'], usesTimes ? 'plain' : outputName),
        ...(usesTimes ? ages : []),
      ],
      input: [
        tensor('item_vectors', FLOAT, ['B', 'L', 3]),
        tensor('lengths', INT64, ['B']),
        ...(usesTimes
          ? [tensor('event_seconds', INT64, ['B', 'L']), tensor('asked_seconds', INT64, ['B'])]
          : []),
      ],
      output: [tensor(outputName, FLOAT, ['B', 3])],
      initializer: [
        { name: 'last', dataType: INT64, dims: [], int64Data: [-1] },
        ...(usesTimes
          ? [
              {
                name: 'daysByAxis',
                dataType: FLOAT,
                dims: [2, 3],
                floatData: [0, 1, 0, 0, 0, 1].map((days) => days / 86_400),
              },
            ]
          : []),
      ],
    },
  })
  return onnx.ModelProto.encode(model).finish()
}

function item(itemId: string, title: string, categoryPath: string[], price: number): ItemRecord {
  return { itemId, title, categoryPath, price }
}
