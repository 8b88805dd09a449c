import {
  createEncoderConfig,
  createParameters,
  createRng,
  type ItemRecord,
  type ItemVectors,
  type Manifest,
  writeArtifact,
} from '@perennial/core'
import { encodeOnnx } from '@perennial/train'
import { LOG_END_MS } from './generate-log.ts'

const MAX_CLUSTERS = 256
const ITEMS_PER_CLUSTER = 40
const NUM_DEPARTMENTS = 20
const AISLES_PER_DEPARTMENT = 10

/** Options of {@link writeUntrainedArtifact}. */
export interface UntrainedArtifactOptions {
  readonly numItems: number
  readonly seed: number
}

/**
 * Writes an artifact with the size and form of a trained one, its weights drawn at random: good for times
 * and sizes, worthless as recommendations.
 *
 * The network is dim 64, 2 blocks, 1 head, maxLength 50. Item vectors lie in clusters and their lengths
 * are log-normal, since a graph search over vectors without any structure is slower than over learned ones.
 *
 * @returns The manifest as written.
 */
export async function writeUntrainedArtifact(
  folder: string,
  { numItems, seed }: UntrainedArtifactOptions,
): Promise<Manifest> {
  const encoder = createEncoderConfig({ dim: 64, numBlocks: 2, numHeads: 1, maxLength: 50 })
  return writeArtifact(folder, {
    name: 'untrained',
    encoder: encodeOnnx(createParameters(encoder, seed), encoder),
    items: drawRecords(numItems, seed),
    vectors: drawVectors(numItems, { dim: encoder.dim, seed }),
    manifest: {
      encoder,
      blend: { repeatWeight: 1, halfLifeDays: 30 },
      data: {
        numUsers: 0,
        numItems,
        numEvents: 0,
        trainedUntil: new Date(LOG_END_MS).toISOString(),
        currency: null,
      },
      training: { engine: 'none', epochs: 0, seconds: 0, config: { seed } },
      metrics: {},
    },
  })
}

/** Draws titles of about 30 letters, two levels of categories and log-normal prices. */
function drawRecords(numItems: number, seed: number): ItemRecord[] {
  const rng = createRng(seed, 1)
  return Array.from({ length: numItems }, (_, i): ItemRecord => {
    const department = rng.nextInt(NUM_DEPARTMENTS)
    const aisle = rng.nextInt(AISLES_PER_DEPARTMENT)
    return {
      itemId: `sku-${String(i + 1).padStart(8, '0')}`,
      title: `Brand ${rng.nextInt(1000)} article ${i + 1}, ${rng.nextInt(100)} pieces`,
      categoryPath: [`Department ${department}`, `Aisle ${department}-${aisle}`],
      price: Math.round(1500 * Math.exp(rng.nextNormal())) / 100,
    }
  })
}

function drawVectors(
  numItems: number,
  { dim, seed }: { readonly dim: number; readonly seed: number },
): ItemVectors {
  const rng = createRng(seed, 2)
  const numClusters = Math.min(MAX_CLUSTERS, Math.ceil(numItems / ITEMS_PER_CLUSTER))
  const centers = Float32Array.from({ length: numClusters * dim }, () => rng.nextNormal())
  const vectors = new Float32Array((numItems + 1) * dim)
  for (let row = 1; row <= numItems; row++) {
    const cluster = rng.nextInt(numClusters)
    const length = 0.1 * Math.exp(0.3 * rng.nextNormal())
    for (let d = 0; d < dim; d++) {
      const center = centers[cluster * dim + d] as number
      vectors[row * dim + d] = length * (center + 0.5 * rng.nextNormal())
    }
  }
  return {
    dim,
    vectors,
    popularity: Float32Array.from({ length: numItems + 1 }, (_, row) => numItems / (1 + row)),
    trained: new Uint8Array(numItems + 1).fill(1, 1),
  }
}
