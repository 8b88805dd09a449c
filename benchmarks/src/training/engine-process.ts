import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { createEngine, createFitConfig, createModelState } from '@perennial/train'
import type { PackedBatch } from './draw-batches.ts'
import { readTask } from './engine-task.ts'
import { prepareBatch } from './prepare-batch.ts'
import type { EngineAnswer } from './start-engine.ts'

/**
 * Trains with one of our engines in this process, as peers/torch_sasrec.py does with PyTorch: arguments are the engine
 * and the folder of the task; each line `{"run": k}` is answered by the times of `k` steps.
 */
const [name, folder] = process.argv.slice(2) as [string, string]
const { task, batches } = await readTask(folder)
const { encoder, numItems, loss, learningRate, seed, numThreads } = task
const config = createFitConfig({ encoder, loss, seed }, numItems)
const engine = await createEngine(config.encoder, name, { numThreads })
const trainer = await engine.createTrainer(createModelState(config, numItems))
say({ ready: engine.name })

let step = 0
for await (const line of createInterface({ input: process.stdin })) {
  const { run } = JSON.parse(line) as { run: number }
  const stepMs: number[] = []
  const losses: number[] = []
  const prepareMs: number[] = []
  for (let i = 0; i < run; i++) {
    const beganMs = performance.now()
    const prepared = prepareBatch(batches[step % batches.length] as PackedBatch, {
      ...task,
      seed: seed + step,
    })
    const startMs = performance.now()
    losses.push(await trainer.step(prepared, { learningRate, step: ++step }))
    stepMs.push(performance.now() - startMs)
    prepareMs.push(startMs - beganMs)
  }
  say({ stepMs, losses, prepareMs, peakBytes: readPeakBytes() } satisfies EngineAnswer)
}
trainer.dispose()
await engine.close()

function say(answer: object): void {
  console.log(JSON.stringify(answer))
}

/** The peak that `getrusage` gives can be that of the process which started this one, so Linux is asked first. */
function readPeakBytes(): number {
  try {
    const status = readFileSync('/proc/self/status', 'utf8')
    return 1024 * Number(/VmHWM:\s*(\d+)/.exec(status)?.[1])
  } catch {
    return 1024 * process.resourceUsage().maxRSS
  }
}
