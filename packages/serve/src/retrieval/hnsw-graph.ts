import { createHash } from 'node:crypto'
import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import type { HierarchicalNSW } from 'hnswlib-node'
import type { HnswThreadSetup } from './hnsw-messages.ts'

/** Room for items to come, as a share of those there are. */
const SPARE_SHARE = 0.02

/** Bytes of a file hashed at a time. */
const HASH_BYTES = 2 ** 20

/** Returns hnswlib-node; throws what Node throws where it is not installed or not built. */
export function requireHnswlib(): { readonly HierarchicalNSW: typeof HierarchicalNSW } {
  return createRequire(import.meta.url)('hnswlib-node')
}

/**
 * Reads a graph from its file, or builds it and writes the file; returns nothing if it is told to stop meanwhile.
 *
 * @param read - Returns the vector of a row.
 */
export function openHnswGraph(
  { config, numItems, removed, graphFile, stop }: HnswThreadSetup,
  read: (itemRow: number) => Float32Array,
): HierarchicalNSW | undefined {
  const graph = new (requireHnswlib().HierarchicalNSW)('ip', config.dim)
  if (graphFile !== undefined && isCurrent(graphFile)) {
    graph.readIndexSync(graphFile.path)
    graph.setEf(config.searchWidth)
    return graph
  }
  const left = new Set(removed)
  graph.initIndex({
    maxElements: withSpare(numItems - left.size),
    m: config.numNeighbors,
    efConstruction: config.buildWidth,
    randomSeed: config.seed,
  })
  for (let row = 1; row <= numItems; row++) {
    if (Atomics.load(stop, 0) !== 0) return undefined
    if (!left.has(row)) graph.addPoint(Array.from(read(row)), row)
  }
  if (graphFile !== undefined) saveGraph(graph, graphFile)
  return graph
}

/** Adds a row or replaces its vector, which also brings it back after {@link HierarchicalNSW.markDelete}. */
export function setInGraph(graph: HierarchicalNSW, itemRow: number, vector: Float32Array): void {
  if (graph.getCurrentCount() === graph.getMaxElements())
    graph.resizeIndex(withSpare(graph.getMaxElements()))
  graph.addPoint(Array.from(vector), itemRow)
}

function withSpare(count: number): number {
  return count + Math.max(16, Math.ceil(SPARE_SHARE * count))
}

interface GraphFile {
  readonly path: string
  readonly key: string
}

function keyPath(path: string): string {
  return `${path}.key`
}

/** Returns whether a file holds the graph of a key, whole: the native code must not read any other. */
function isCurrent({ path, key }: GraphFile): boolean {
  if (!existsSync(path) || !existsSync(keyPath(path))) return false
  const kept = readFileSync(keyPath(path), 'utf8')
  return kept.startsWith(`${key} `) && kept === keyContent({ path, key })
}

function saveGraph(graph: HierarchicalNSW, { path, key }: GraphFile): void {
  const temporary = `${path}.${process.pid}`
  graph.writeIndexSync(temporary)
  const content = keyContent({ path: temporary, key })
  renameSync(temporary, path)
  writeFileSync(keyPath(path), content)
}

function keyContent({ path, key }: GraphFile): string {
  const hash = createHash('sha256')
  const file = openSync(path, 'r')
  try {
    const block = new Uint8Array(HASH_BYTES)
    for (let length = readSync(file, block); length > 0; length = readSync(file, block))
      hash.update(block.subarray(0, length))
  } finally {
    closeSync(file)
  }
  return `${key} ${hash.digest('hex')}`
}
