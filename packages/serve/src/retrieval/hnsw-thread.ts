import { openSync, readSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import type { HierarchicalNSW } from 'hnswlib-node'
import { openHnswGraph, setInGraph } from './hnsw-graph.ts'
import type { HnswAnswer, HnswRequest, HnswThreadSetup } from './hnsw-messages.ts'
import { searchGraph } from './search-graph.ts'

// The thread that owns a graph: hnswlib must not be asked to search and to add at the same time.

const setup = workerData as HnswThreadSetup
const { stop } = setup
const vectors = openSync(setup.vectorsPath, 'r')
const row = new Float32Array(setup.config.dim)
const graph = openHnswGraph(setup, readRow)
if (graph !== undefined) serve(graph)

function serve(graph: HierarchicalNSW): void {
  const { searchWidth } = setup.config
  const removed = new Set(setup.removed)
  let { numItems } = setup

  parentPort?.on('message', (request: HnswRequest) => {
    if (Atomics.load(stop, 0) !== 0) {
      parentPort?.close()
    } else if (request.type === 'search') {
      const isRemoved = (itemRow: number): boolean => removed.has(itemRow)
      const numRemoved = removed.size
      const searched = { graph, numItems, numRemoved, searchWidth, isRemoved, read: readRow }
      const answer: HnswAnswer = { id: request.id, ...searchGraph(searched, request) }
      parentPort?.postMessage(answer)
    } else if (request.type === 'set') {
      setInGraph(graph, request.itemRow, request.vector)
      numItems = Math.max(numItems, request.itemRow)
      removed.delete(request.itemRow)
    } else if (request.type === 'remove') {
      graph.markDelete(request.itemRow)
      removed.add(request.itemRow)
    }
  })
  parentPort?.postMessage('ready')
}

function readRow(itemRow: number): Float32Array {
  readSync(vectors, row, 0, row.byteLength, itemRow * row.byteLength)
  return row
}
