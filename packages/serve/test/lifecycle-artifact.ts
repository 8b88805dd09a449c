import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  buildCategoryTree,
  type CustomerModels,
  createCandidateFinder,
  createEncoderConfig,
  createSignals,
  customerKey,
  ItemCatalog,
  LifecycleState,
  NUM_TIME_BINS,
  type Ranking,
  writeArtifact,
} from '@perennial/core'
import proto from 'onnx-proto'
import { encodeTinyNetwork, TINY_BLEND, TINY_ITEMS, TINY_MAX_LENGTH } from './tiny-artifact.ts'

const { onnx } = proto
const FLOAT = 1

/** Half of all purchases come at once, the other half never. */
export const TINY_TIMES: readonly number[] = Array.from({ length: NUM_TIME_BINS }, (_, bin) =>
  bin === 0 || bin === NUM_TIME_BINS - 1 ? 0.5 : 0,
)

/** Users, what they bought and on which day of 2026. */
export const TINY_PURCHASES: readonly (readonly [user: string, item: string, day: string])[] = [
  ['ann', 'tea', '2026-01-05'],
  ['bob', 'tea', '2026-01-06'],
  ['bob', 'milk', '2026-01-06'],
  ['cat', 'soap', '2026-01-08'],
  ['dan', 'soap', '2026-01-09'],
  ['ann', 'tea', '2026-01-20'],
  ['bob', 'pan', '2026-01-25'],
]

const settings = {
  horizonDays: 28,
  similarityHalfLifeDays: 180,
  recentHalfLivesDays: [30, 15],
  neighbors: 200,
}

/** Names of the features that the tiny ranker sees. */
export const TINY_FEATURES: readonly string[] = createFinder().featureNames

function createFinder() {
  const state = new LifecycleState({ ...settings, numItems: TINY_ITEMS.length })
  const categories = buildCategoryTree(new ItemCatalog(TINY_ITEMS))
  return createCandidateFinder(state, createSignals(state, { links: {}, categories }))
}

/**
 * Writes an artifact whose ranker scores a candidate by a weighted sum of its features.
 *
 * @param options - `weights` by feature name; `ranker` false leaves the file out; `customers` are in it as given.
 */
export async function writeLifecycleArtifact({
  weights = {},
  ranking = 'ranker',
  ranker = true,
  customers,
}: {
  weights?: Readonly<Record<string, number>>
  ranking?: Ranking
  ranker?: boolean
  customers?: CustomerModels
} = {}): Promise<string> {
  const folder = join(await mkdtemp(join(tmpdir(), 'perennial-lifecycle-')), 'artifact')
  const vectors = new Float32Array((TINY_ITEMS.length + 1) * 3)
  for (const [i, { vector }] of TINY_ITEMS.entries()) vectors.set(vector, (i + 1) * 3)
  const users = [...new Set(TINY_PURCHASES.map(([user]) => user))]
  const numFeatures = TINY_FEATURES.length
  await writeArtifact(folder, {
    name: 'lifecycle',
    manifest: {
      encoder: createEncoderConfig({ dim: 3, maxLength: TINY_MAX_LENGTH, timeFeatures: [] }),
      blend: TINY_BLEND,
      lifecycle: {
        ranking,
        ...settings,
        sizes: { popular: 2, user_knn: 2 },
        ...(ranking === 'ranker'
          ? {
              network: {
                featureNames: TINY_FEATURES,
                scale: {
                  means: new Array<number>(numFeatures).fill(0),
                  deviations: new Array<number>(numFeatures).fill(1),
                },
              },
            }
          : {}),
      },
      data: {
        numUsers: users.length,
        numItems: TINY_ITEMS.length,
        numEvents: TINY_PURCHASES.length,
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
    lifecycle: {
      ranker: ranker ? encodeTinyRanker(weights) : undefined,
      purchases: {
        userKeys: BigUint64Array.from(users, customerKey),
        userRows: Int32Array.from(TINY_PURCHASES, ([user]) => users.indexOf(user)),
        itemRows: Int32Array.from(
          TINY_PURCHASES,
          ([, item]) => 1 + TINY_ITEMS.findIndex(({ itemId }) => itemId === item),
        ),
        days: Int32Array.from(TINY_PURCHASES, ([, , day]) => Date.parse(day) / 86_400_000),
        prices: new Float32Array(TINY_PURCHASES.length).fill(Number.NaN),
      },
      links: {},
      customers,
    },
  })
  return folder
}

/** Returns `score = features . weights` and the same {@link TINY_TIMES} for all rows, as ONNX. */
function encodeTinyRanker(weights: Readonly<Record<string, number>>): Uint8Array {
  const numFeatures = TINY_FEATURES.length
  const tensor = (name: string, dims: (string | number)[]): object => ({
    name,
    type: {
      tensorType: {
        elemType: FLOAT,
        shape: {
          dim: dims.map((d) => (typeof d === 'string' ? { dimParam: d } : { dimValue: d })),
        },
      },
    },
  })
  const constant = (name: string, dims: number[], floatData: number[]): object => ({
    name,
    dataType: FLOAT,
    dims,
    floatData,
  })
  const node = (opType: string, input: string[], output: string): object => ({
    opType,
    input,
    output: [output],
  })
  const model = onnx.ModelProto.create({
    irVersion: 7,
    opsetImport: [{ domain: '', version: 11 }],
    graph: {
      name: 'tiny-ranker',
      node: [
        node('MatMul', ['features', 'weights'], 'score'),
        node('MatMul', ['features', 'zeros'], 'nothing'),
        node('Add', ['nothing', 'times'], 'time_probabilities'),
      ],
      input: [tensor('features', ['rows', numFeatures])],
      output: [tensor('score', ['rows', 1]), tensor('time_probabilities', ['rows', NUM_TIME_BINS])],
      initializer: [
        constant(
          'weights',
          [numFeatures, 1],
          TINY_FEATURES.map((name) => weights[name] ?? 0),
        ),
        constant(
          'zeros',
          [numFeatures, NUM_TIME_BINS],
          new Array<number>(numFeatures * NUM_TIME_BINS).fill(0),
        ),
        constant('times', [NUM_TIME_BINS], [...TINY_TIMES]),
      ],
    },
  })
  return onnx.ModelProto.encode(model).finish()
}
