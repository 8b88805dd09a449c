import {
  type BlendConfig,
  checkNumber,
  ItemCatalog,
  type ItemIndex,
  type ItemVectors,
  RecommenderError,
  readArtifact,
} from '@perennial/core'
import { createOnnxEncoder, type OnnxEncoder } from './encoder/onnx-encoder.ts'
import { loadLifecycle, type ServedLifecycle } from './lifecycle/served-lifecycle.ts'
import { type ChooseIndexOptions, chooseIndex } from './retrieval/choose-index.ts'

/** An artifact made ready to answer. */
export interface ServedModel {
  readonly modelVersion: string
  readonly blend: BlendConfig
  /** Event types trained on; `undefined` when all were of one kind. */
  readonly eventTypes: readonly string[] | undefined
  /** Longest history that the encoder sees. */
  readonly maxLength: number
  readonly catalog: ItemCatalog
  readonly items: ItemVectors
  readonly encoder: OnnxEncoder
  readonly index: ItemIndex
  /** Absent in an artifact that holds the sequence model alone. */
  readonly lifecycle: ServedLifecycle | undefined
  /** Why the index is not the one that the catalogue's size asks for. */
  readonly indexNote?: string
}

/**
 * Loads an artifact folder: verifies its files, loads the network, builds the index.
 *
 * @throws {@link RecommenderError} `BAD_ARTIFACT`, or what {@link chooseIndex} throws.
 */
export async function loadModel(
  folder: string,
  options: Omit<ChooseIndexOptions, 'dim'>,
): Promise<ServedModel> {
  const artifact = await readArtifact(folder)
  const { manifest, encoder: bytes, items: records, vectors: items } = artifact
  const { dim, maxLength } = manifest.encoder
  checkBlend(manifest.blend, folder)
  const { index, note } = await chooseIndex(items.vectors, { ...options, dim })
  const encoder = await createOnnxEncoder(bytes, { vectors: items.vectors, dim, maxLength })
  const catalog = new ItemCatalog(records)
  const lifecycle = await loadLifecycle(artifact, catalog).catch(async (error: unknown) => {
    await encoder.release()
    throw error
  })
  return {
    modelVersion: manifest.modelVersion,
    blend: manifest.blend,
    eventTypes: manifest.data.eventTypes,
    maxLength,
    catalog,
    items,
    encoder,
    index,
    lifecycle,
    ...(note === undefined ? {} : { indexNote: note }),
  }
}

function checkBlend({ repeatWeight, halfLifeDays }: BlendConfig, folder: string): void {
  try {
    checkNumber('blend.repeatWeight', repeatWeight, 0)
    checkNumber('blend.halfLifeDays', halfLifeDays, Number.MIN_VALUE)
  } catch (cause) {
    throw new RecommenderError(
      'BAD_ARTIFACT',
      `${(cause as Error).message} In the manifest of ${folder}.`,
      { cause },
    )
  }
}
