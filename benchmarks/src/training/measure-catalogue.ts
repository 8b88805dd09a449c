import { createRng } from '@perennial/core'
import type { PackedBatch, TrainingEvents } from './draw-batches.ts'
import { interleave, measuredSteps, medianOf } from './interleave.ts'
import { drawTaskBatches, type MeasureOptions, withTaskFolder } from './measure-setting.ts'
import type { CatalogueResult } from './result.ts'
import { COMMON } from './settings.ts'
import { type RunningEngine, startEngine } from './start-engine.ts'
import { createTaskEncoder } from './task-encoder.ts'

const SMALL = 10_000
const LARGE = 1_000_000
const NUM_USERS = 2000
const DIM = 64
const MAX_LENGTH = 50
const LOSS = 'sampled-softmax'

/**
 * Times steps of the wasm engine with 10 thousand and with 1 million items, interleaved, on full random sequences.
 *
 * "Same batches" means that item `i` of the small catalogue is item `100 i` of the large one: a step uses as many items
 * as before, and they lie all over the large table.
 */
export async function measureCatalogue(options: MeasureOptions): Promise<CatalogueResult> {
  const { schedule, numThreads, seed, signal, onStage } = options
  const draw = (numItems: number): PackedBatch[] =>
    drawTaskBatches(randomEvents(numItems, seed), {
      ...{ loss: LOSS, maxLength: MAX_LENGTH, seed, schedule },
    })
  const small = draw(SMALL)
  const cases = [
    { name: '10 thousand items', numItems: SMALL, batches: small },
    {
      name: '1 million items, same batches',
      numItems: LARGE,
      batches: small.map((batch) => spread(batch, LARGE / SMALL)),
    },
    { name: '1 million items, drawn from all', numItems: LARGE, batches: draw(LARGE) },
  ]
  const encoder = createTaskEncoder({ dim: DIM, maxLength: MAX_LENGTH })
  const common = {
    encoder,
    loss: LOSS,
    learningRate: COMMON.learningRate,
    seed,
    numThreads,
  } as const
  const running = new Map<string, RunningEngine>()
  try {
    for (const { name, numItems, batches } of cases) {
      onStage?.(`  starting ${name}`)
      // The process has read its task when it is ready.
      const engine = await withTaskFolder(
        { task: { ...common, numItems }, batches },
        (taskFolder) => startEngine('wasm', { taskFolder, numThreads, signal }),
      )
      running.set(name, engine)
    }
    const { times, othersBusyShare } = await interleave(running, { schedule, signal })
    const measured = cases.map(({ name, numItems, batches }) => {
      const { stepMs, peakBytes } = times.get(name) as NonNullable<ReturnType<typeof times.get>>
      const counts = measuredSteps(schedule).map((step) => countDistinct(batches[step]))
      return {
        name,
        numItems,
        distinctItemsPerStep: counts.reduce((sum, count) => sum + count, 0) / counts.length,
        medianMs: medianOf(stepMs.flat()),
        minMs: Math.min(...stepMs.flat()),
        maxMs: Math.max(...stepMs.flat()),
        peakBytes,
        stepMs,
      }
    })
    const [base, same, drawn] = measured.map(({ medianMs }) => medianMs) as [number, number, number]
    return { cases: measured, ratio: same / base, drawnRatio: drawn / base, othersBusyShare }
  } finally {
    for (const engine of running.values()) await engine.close()
  }
}

function randomEvents(numItems: number, seed: number): TrainingEvents {
  const rng = createRng(seed, numItems)
  const length = MAX_LENGTH + 1
  const offsets = Int32Array.from({ length: NUM_USERS }, (_, u) => u * length)
  return {
    offsets,
    ends: offsets.map((start) => start + length),
    itemRows: Int32Array.from({ length: NUM_USERS * length }, () => 1 + rng.nextInt(numItems)),
    numItems,
  }
}

function spread({ offsets, tokens, targets, negatives }: PackedBatch, factor: number): PackedBatch {
  const times = (rows: Int32Array): Int32Array => rows.map((row) => row * factor)
  return { offsets, tokens: times(tokens), targets: times(targets), negatives: times(negatives) }
}

function countDistinct(batch: PackedBatch | undefined): number {
  if (batch === undefined) return 0
  return new Set([...batch.tokens, ...batch.targets, ...batch.negatives]).size
}
