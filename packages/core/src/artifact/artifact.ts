import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type ItemCatalog, indexItems } from '../data/item-catalog.ts'
import type { ItemColumns, ItemRecord } from '../data/item-columns.ts'
import { RecommenderError } from '../errors.ts'
import { findFolder, replaceFolder } from '../io/atomic-write.ts'
import { encodeItems } from '../io/encode-items.ts'
import type { FileBytes, ItemVectors } from '../io/item-vectors.ts'
import { decodeItems } from '../io/items-file.ts'
import { decodeLinks, encodeLinks } from '../io/links-file.ts'
import { decodePurchases, encodePurchases, type Purchases } from '../io/purchases-file.ts'
import type { CustomerModels } from '../lifecycle/customer-models.ts'
import type { LinkTables } from '../lifecycle/link-signals.ts'
import { runInSlices, type SlicedWork } from '../run-in-slices.ts'
import { decodeCustomerModels, encodeCustomerModels } from './customers-file.ts'
import {
  ARTIFACT_FILES,
  ARTIFACT_FORMAT_VERSION,
  checkManifest,
  type Manifest,
} from './manifest.ts'
import { readVerified, unreadable } from './read-verified.ts'

/** Everything that goes into an artifact, before hashes are known. */
export interface ArtifactContent {
  readonly manifest: Omit<Manifest, 'formatVersion' | 'modelVersion' | 'createdAt' | 'files'>
  /** Name in front of the model version. */
  readonly name: string
  /** The ONNX file of the network. */
  readonly encoder: Uint8Array
  /** One record an item, in row order; or their columns, which a catalogue holds. */
  readonly items: readonly ItemRecord[] | ItemColumns
  readonly vectors: ItemVectors
  /** What `manifest.lifecycle` refers to; both or neither. */
  readonly lifecycle?: LifecycleParts | undefined
  /** Further files by name, for example `report.html`. */
  readonly extraFiles?: Readonly<Record<string, Uint8Array | string>>
}

/** The parts of an artifact that rank customers by more than the sequence model. */
export interface LifecycleParts {
  /** The ONNX file of ranker and timing; absent where none was trained. */
  readonly ranker?: Uint8Array | undefined
  readonly purchases: Purchases
  /** Item-to-item tables, each perhaps absent. */
  readonly links: LinkTables
  /** Who comes back when, and what lasts; absent in artifacts written before there was such a part. */
  readonly customers?: CustomerModels | undefined
}

/** An artifact as read and verified. */
export interface Artifact {
  readonly manifest: Manifest
  readonly encoder: Uint8Array
  readonly catalog: ItemCatalog
  readonly vectors: ItemVectors
  /** Present when `manifest.lifecycle` is. */
  readonly lifecycle?: LifecycleParts | undefined
}

/**
 * Writes an artifact folder: all files into a temporary folder, then one rename.
 *
 * @returns The manifest as written.
 */
export async function writeArtifact(folder: string, content: ArtifactContent): Promise<Manifest> {
  const files: Record<string, Uint8Array> = {
    [ARTIFACT_FILES.encoder]: content.encoder,
    [ARTIFACT_FILES.items]: encodeItems(content.items, content.vectors),
  }
  if (content.lifecycle !== undefined) {
    const { ranker, purchases, links, customers } = content.lifecycle
    const tables = encodePurchases(purchases)
    files[ARTIFACT_FILES.purchases] = tables.purchases
    files[ARTIFACT_FILES.customers] = tables.customers
    if (customers !== undefined)
      files[ARTIFACT_FILES.customerModels] = encodeCustomerModels(customers)
    if (ranker !== undefined) files[ARTIFACT_FILES.ranker] = ranker
    for (const name of LINK_TABLES) {
      const table = links[name]
      if (table !== undefined) files[ARTIFACT_FILES[name]] = encodeLinks(table)
    }
  }
  for (const [name, data] of Object.entries(content.extraFiles ?? {})) {
    files[name] = typeof data === 'string' ? new TextEncoder().encode(data) : data
  }
  const hashes = Object.fromEntries(
    Object.entries(files).map(([name, data]) => [
      name,
      { sha256: sha256(data), bytes: data.byteLength },
    ]),
  )
  const parts = Object.values(ARTIFACT_FILES).flatMap((name) => hashes[name]?.sha256 ?? [])
  const { blend, lifecycle = null } = content.manifest
  const identity = sha256(
    JSON.stringify([...parts, blend.repeatWeight, blend.halfLifeDays, lifecycle]),
  )
  const manifest: Manifest = {
    formatVersion: ARTIFACT_FORMAT_VERSION,
    modelVersion: `${content.name}-${identity.slice(0, 12)}`,
    createdAt: new Date().toISOString(),
    ...content.manifest,
    files: hashes,
  }
  await replaceFolder(folder, async (temporary) => {
    for (const [name, data] of Object.entries(files)) await writeFile(join(temporary, name), data)
    await writeFile(
      join(temporary, ARTIFACT_FILES.manifest),
      `${JSON.stringify(manifest, null, 2)}\n`,
    )
  })
  return manifest
}

/** Options of {@link readArtifact}. */
export interface ReadArtifactOptions {
  /** Stops reading. @defaultValue none */
  readonly signal?: AbortSignal | undefined
}

/**
 * Reads an artifact folder and verifies the sha256 of every file that the manifest names.
 *
 * Works in slices of about 1 ms, so that a server goes on answering.
 *
 * @throws {@link RecommenderError} `BAD_ARTIFACT` if a file is missing, changed or malformed.
 */
export async function readArtifact(
  path: string,
  { signal }: ReadArtifactOptions = {},
): Promise<Artifact> {
  const folder = await findFolder(path)
  const manifestPath = join(folder, ARTIFACT_FILES.manifest)
  const manifest = checkManifest(await readJson(manifestPath), manifestPath)
  const contents = new Map<string, Uint8Array>()
  for (const [name, { sha256 }] of Object.entries(manifest.files))
    contents.set(name, await readVerified(join(folder, name), { sha256, signal }))
  const encoder = contents.get(ARTIFACT_FILES.encoder)
  const items = contents.get(ARTIFACT_FILES.items)
  if (items === undefined) {
    throw new RecommenderError(
      'BAD_ARTIFACT',
      `Expected ${manifestPath} to name ${ARTIFACT_FILES.items}; the file is incomplete.`,
    )
  }
  // From the bytes that were verified: a folder replaced meanwhile would pair this encoder with other vectors.
  const file = { bytes: items, path: join(folder, ARTIFACT_FILES.items) }
  const { catalog, vectors } = await runInSlices(decodeCatalog(file), { signal })
  if (encoder === undefined || vectors === undefined || vectors.dim !== manifest.encoder.dim) {
    throw new RecommenderError(
      'BAD_ARTIFACT',
      `Expected ${folder} to hold ${ARTIFACT_FILES.encoder} and item vectors of length ${manifest.encoder.dim}.`,
    )
  }
  const about = { path: join(folder, ARTIFACT_FILES.purchases), numItems: catalog.numItems }
  const lifecycle = await runInSlices(readLifecycle(manifest, contents, about), { signal })
  return { manifest, encoder, catalog, vectors, ...(lifecycle && { lifecycle }) }
}

function* decodeCatalog(
  file: FileBytes,
): SlicedWork<{ readonly catalog: ItemCatalog; readonly vectors: ItemVectors | undefined }> {
  const { columns, vectors } = yield* decodeItems(file)
  return { catalog: yield* indexItems(columns), vectors }
}

const LINK_TABLES = ['coBasket', 'ease'] as const

function* readLifecycle(
  { lifecycle }: Manifest,
  contents: ReadonlyMap<string, Uint8Array>,
  about: { readonly path: string; readonly numItems: number },
): SlicedWork<LifecycleParts | undefined> {
  if (lifecycle === undefined) return undefined
  const purchases = contents.get(ARTIFACT_FILES.purchases)
  const customers = contents.get(ARTIFACT_FILES.customers)
  const ranker = contents.get(ARTIFACT_FILES.ranker)
  if (purchases === undefined || customers === undefined || (lifecycle.network && !ranker)) {
    throw new RecommenderError(
      'BAD_ARTIFACT',
      `Expected ${dirname(about.path)} to hold ${ARTIFACT_FILES.purchases}, ${ARTIFACT_FILES.customers} and, with a trained ranker, ${ARTIFACT_FILES.ranker}, as its manifest says.`,
    )
  }
  const links: { -readonly [K in keyof LinkTables]: LinkTables[K] } = {}
  for (const name of LINK_TABLES) {
    const bytes = contents.get(ARTIFACT_FILES[name])
    if (bytes === undefined) continue
    const path = join(dirname(about.path), ARTIFACT_FILES[name])
    links[name] = yield* decodeLinks(bytes, { ...about, path })
  }
  const models = contents.get(ARTIFACT_FILES.customerModels)
  return {
    ranker,
    purchases: yield* decodePurchases({ purchases, customers }, about),
    links,
    customers:
      models &&
      decodeCustomerModels(models, {
        ...about,
        path: join(dirname(about.path), ARTIFACT_FILES.customerModels),
      }),
  }
}

async function readJson(path: string): Promise<unknown> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw unreadable(path, cause)
  })
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch (cause) {
    throw new RecommenderError('BAD_ARTIFACT', `Expected ${path} to be JSON.`, { cause })
  }
}

function sha256(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('hex')
}
