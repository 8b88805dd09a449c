import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createRng,
  type Dataset,
  type EventBatch,
  type EventBatches,
  endsBefore,
  openDataset,
  splitLeaveOneOut,
} from '@perennial/core'
import { buildDataset } from '@perennial/core/testing'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { writeShards } from '../../../test/write-shards.ts'
import type { PreparedBatch } from '../../engine/engine.ts'
import { countTrainingEvents, createPoolOfCounts } from '../negatives.ts'
import { createFitConfig, type FitConfig } from '../options.ts'
import { createMemorySource, type TrainingSource } from '../training-source.ts'
import { type ShardScan, scanShards } from './scan-shards.ts'
import { createShardSource } from './shard-source.ts'
import type { ShardSplit } from './shard-split.ts'
import { createValidationSample } from './validation-sample.ts'

const NUM_ITEMS = 500
const CUT_MS = 40 * 86_400_000
const SPLITS: readonly ShardSplit[] = [
  { kind: 'leave-one-out' },
  { kind: 'time', validationCutMs: CUT_MS, horizonMs: 5 * 86_400_000 },
]
const config = createFitConfig(
  { encoder: { maxLength: 6 }, batchSize: 8, loss: 'sampled-softmax', numNegatives: 4, seed: 3 },
  NUM_ITEMS,
)

// Users of 0 to 24 events: some have too few to train on, some more than a sequence or a small batch holds.
const rng = createRng(9)
const dataset: Dataset = buildDataset(
  Array.from({ length: 90 }, () => {
    const days = Array.from({ length: rng.nextInt(25) }, () => rng.nextInt(60))
    return days.sort((a, b) => a - b).map((day) => [1 + rng.nextInt(NUM_ITEMS), day] as const)
  }),
  { numItems: NUM_ITEMS },
)

let folder: string
let opened: EventBatches[] = []
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perennial-shards-'))
})
afterEach(async () => {
  for (const events of opened) await events.close()
  opened = []
})
afterAll(() => rm(folder, { recursive: true }))

async function openShards(
  split: ShardSplit,
  { batchRows, windowEvents }: { batchRows: number; windowEvents: number },
  fitConfig: FitConfig = config,
): Promise<{ source: TrainingSource; scan: ShardScan; reads: number[] }> {
  await writeShards(folder, dataset, batchRows)
  const { events } = await openDataset(folder)
  opened.push(events)
  const reads: number[] = []
  const counted: EventBatches = {
    ...events,
    read: (index) => {
      reads.push(index)
      return events.read(index)
    },
  }
  const keepType = undefined
  const scan = await scanShards(counted, {
    ...{ split, numItems: NUM_ITEMS, config: fitConfig, keepType },
  })
  const pool = createPoolOfCounts(scan.counts, config)
  const { shards } = scan
  const source = createShardSource(counted, {
    ...{ shards, pool, split, keepType, config: fitConfig, windowEvents },
  })
  return { source, scan, reads }
}

function trainEndsOf(split: ShardSplit): Int32Array {
  return split.kind === 'time'
    ? endsBefore(dataset.sequences, split.validationCutMs)
    : splitLeaveOneOut(dataset).trainEnds
}

/** Each sequence of an epoch as text, in order. */
async function sequencesOf(source: TrainingSource, epoch = 0): Promise<string[]> {
  const found: string[] = []
  for await (const { itemRows, batch } of source.batches({ epoch, stepInEpoch: 0, step: 0 })) {
    for (let b = 0; b + 1 < batch.offsets.length; b++) {
      const [start, end] = [batch.offsets[b], batch.offsets[b + 1]]
      const rows = (positions: Int32Array): string =>
        Array.from(positions.subarray(start, end), (p) => itemRows[p]).join()
      const times = [batch.eventSeconds, batch.askedSeconds].map((t) => t.subarray(start, end))
      found.push(`${rows(batch.tokens)} > ${rows(batch.targets)} @ ${times.join(' ')}`)
    }
  }
  return found
}

/** What the network reads of each sequence, as text; the order within a visit is drawn and so left out. */
async function readingsOf(source: TrainingSource): Promise<string[]> {
  const found: string[] = []
  for await (const { itemRows, batch } of source.batches({ epoch: 0, stepInEpoch: 0, step: 0 })) {
    const { offsets, tokens, eventSeconds, questions } = batch
    for (let b = 0; b + 1 < offsets.length; b++) {
      const [start, end] = [offsets[b] as number, offsets[b + 1] as number]
      const events = Array.from(tokens.subarray(start, end), (position, i) => ({
        seconds: eventSeconds[start + i] as number,
        row: itemRows[position] as number,
      }))
      events.sort((x, y) => x.seconds - y.seconds || x.row - y.row)
      const asked = questions.filter((t) => t >= start && t < end).map((t) => t - start)
      found.push(`${events.map(({ seconds, row }) => `${seconds}:${row}`)} ? ${asked}`)
    }
  }
  return found
}

describe.each(SPLITS)('createShardSource with $kind', (split) => {
  // 1 and 3 rows cut nearly every user in pieces, 10,000 hold all events.
  test.each([
    { batchRows: 1, windowEvents: 40 },
    { batchRows: 3, windowEvents: 1 },
    { batchRows: 17, windowEvents: 100 },
    { batchRows: 100, windowEvents: 250 },
    { batchRows: 10_000, windowEvents: 10 },
  ])(
    'gives each user once an epoch as memory does, in batches of $batchRows and windows of $windowEvents',
    async (sizes) => {
      const { source, scan } = await openShards(split, sizes)
      const trainEnds = trainEndsOf(split)
      const memory = createMemorySource(dataset, trainEnds, config)
      expect(source.numSequences).toBe(memory.numSequences)
      expect(source.stepsPerEpoch).toBe(memory.stepsPerEpoch)
      expect(Array.from(scan.counts)).toEqual(Array.from(countTrainingEvents(dataset, trainEnds)))
      const expected = (await sequencesOf(memory)).sort()
      expect(expected.length).toBe(memory.numSequences)
      for (const epoch of [0, 1]) {
        expect((await sequencesOf(source, epoch)).sort()).toEqual(expected)
      }
    },
  )

  test.each([1, 3, 17, 10_000])(
    'gives for a horizon the visits that memory gives, in batches of %i',
    async (batchRows) => {
      const visits = { ...config, objective: 'horizon' } as const
      const { source } = await openShards(split, { batchRows, windowEvents: 100 }, visits)
      const memory = createMemorySource(dataset, trainEndsOf(split), visits)
      expect(source.numSequences).toBe(memory.numSequences)
      const expected = (await readingsOf(memory)).sort()
      expect(expected.length).toBe(memory.numSequences)
      expect((await readingsOf(source)).sort()).toEqual(expected)
    },
  )

  test('gives the same batches from any step on, and another order each epoch', async () => {
    const { source } = await openShards(split, { batchRows: 23, windowEvents: 150 })
    const whole: PreparedBatch[] = []
    for await (const one of source.batches({ epoch: 1, stepInEpoch: 0, step: 50 })) whole.push(one)
    expect(whole.length).toBe(source.stepsPerEpoch)
    for (const stepInEpoch of [1, 3, whole.length - 1, whole.length]) {
      const rest: PreparedBatch[] = []
      const place = { epoch: 1, stepInEpoch, step: 50 + stepInEpoch }
      for await (const one of source.batches(place)) rest.push(one)
      expect(rest).toEqual(whole.slice(stepInEpoch))
    }
    expect(await sequencesOf(source, 0)).not.toEqual(await sequencesOf(source, 1))
  })
})

describe('createShardSource', () => {
  test('skips the shards of steps that are done without reading them', async () => {
    const { source, reads } = await openShards(SPLITS[0] as ShardSplit, {
      batchRows: 50,
      windowEvents: 100,
    })
    reads.length = 0
    for await (const _ of source.batches({ epoch: 0, stepInEpoch: 0, step: 0 }));
    const all = [...reads]
    reads.length = 0
    const stepInEpoch = source.stepsPerEpoch - 1
    for await (const _ of source.batches({ epoch: 0, stepInEpoch, step: stepInEpoch }));
    expect(reads.length).toBeGreaterThan(0)
    expect(reads.length).toBeLessThan(all.length / 2)
    expect(reads).toEqual(all.slice(-reads.length))
  })

  test('reads no more than a window ahead', async () => {
    const { source, reads } = await openShards(SPLITS[0] as ShardSplit, {
      batchRows: 50,
      windowEvents: 100,
    })
    reads.length = 0
    const batches = source.batches({ epoch: 0, stepInEpoch: 0, step: 0 })
    await batches.next()
    await new Promise((resolve) => setTimeout(resolve, 50))
    // Two record batches a window, one window for the step and one ahead.
    expect(reads.length).toBeLessThanOrEqual(4)
    await batches.return()
  })
})

describe('scanShards', () => {
  test.each([
    ['a user again after another', [0, 1, 0], [1, 2, 3]],
    ['a time before the one before it', [0, 0, 0], [1, 3, 2]],
  ])('refuses %s, within a record batch and across two', async (_, users, times) => {
    for (const batchRows of [1, 3]) {
      const batches = [0, 1, 2]
        .filter((i) => i % batchRows === 0)
        .map((i) => ({
          userRows: Int32Array.from(users.slice(i, i + batchRows)),
          itemRows: new Int32Array(batchRows).fill(1),
          timestampMs: Float64Array.from(times.slice(i, i + batchRows)),
          eventTypes: new Int32Array(batchRows),
        }))
      const events = {
        ...{ path: 'here', numBatches: batches.length, numUsers: 2, eventTypeNames: ['purchase'] },
        itemIds: () => ['', 'a'],
        read: async (i: number) => batches[i] as EventBatch,
        close: async () => undefined,
      }
      const split = SPLITS[0] as ShardSplit
      await expect(
        scanShards(events, { split, numItems: 1, config, keepType: undefined }),
      ).rejects.toMatchObject({ code: 'INVALID_EVENTS' })
    }
  })
})

describe('createValidationSample', () => {
  test('asks what the split in memory asks, whatever the batches', async () => {
    const split = SPLITS[0] as ShardSplit
    const ask = async (batchRows: number, size: number): Promise<string[]> => {
      await writeShards(folder, dataset, batchRows)
      const { events, catalog } = await openDataset(folder)
      opened.push(events)
      const sample = createValidationSample(split, { size, seed: 5 })
      const keepType = undefined
      await scanShards(events, { split, numItems: NUM_ITEMS, config, keepType, sample })
      const { dataset: own, cases } = sample.finish(catalog)
      return cases.map((one) => describeCase(own, one))
    }
    const all = splitLeaveOneOut(dataset).validation.map((one) => describeCase(dataset, one))
    expect(await ask(7, 1000)).toEqual(all)
    const few = await ask(7, 10)
    expect(few.length).toBe(10)
    expect(all).toEqual(expect.arrayContaining(few))
    expect(await ask(64, 10)).toEqual(few)
  })
})

function describeCase(
  { sequences }: Dataset,
  {
    userRow,
    historyEnd,
    asOfMs,
    targets,
  }: ReturnType<typeof splitLeaveOneOut>['validation'][number],
): string {
  const history = sequences.itemRows.subarray(sequences.offsets[userRow], historyEnd)
  return `${history} > ${targets} @ ${asOfMs}`
}
