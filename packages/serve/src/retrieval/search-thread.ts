import { parentPort, workerData } from 'node:worker_threads'
import { bindKernels } from './kernels.ts'
import { JOB_FIELDS, runSearchJob } from './search-job.ts'
import type { SearchThreadSetup } from './search-pool.ts'
import { countTaken, takeFromInbox } from './thread-inbox.ts'

// One thread of a search pool: it gets the address of a job and answers with what it did of it.

const { memory, module, thread, inbox } = workerData as SearchThreadSetup
const kernels = bindKernels(module, memory)
let ints = new Int32Array(memory.buffer)

parentPort?.postMessage('ready')

for (let taken = 0; ; taken = countTaken(taken)) {
  const job = takeFromInbox(inbox, taken)
  seeGrowth(ints[job / 4 + JOB_FIELDS.memoryBytes] as number)
  const { numChunks, count } = runSearchJob({ kernels, ints }, { job, part: thread })
  parentPort?.postMessage([job, numChunks, count])
}

/**
 * Sees to it that views of the memory reach to its end.
 *
 * When the other side lets the memory grow, the buffer here is replaced some time later; growing by nothing replaces it
 * at once.
 */
function seeGrowth(memoryBytes: number): void {
  if (ints.byteLength === memoryBytes) return
  if (memory.buffer.byteLength < memoryBytes) memory.grow(0)
  ints = new Int32Array(memory.buffer)
  if (ints.byteLength < memoryBytes)
    throw new Error('internal: a thread does not see how the shared memory has grown')
}
