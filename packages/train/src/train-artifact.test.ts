import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Artifact,
  addRepeatScores,
  DAY_MS,
  type Dataset,
  type Evaluation,
  endsBefore,
  type History,
  historyOf,
  readArtifact,
  selectTopK,
  splitByTime,
} from '@perennial/core'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { END_DAY, LATE_ITEMS, lifecycleDataset, TEST_DAY } from '../test/lifecycle-dataset.ts'
import { createEngine } from './engine/create-engine.ts'
import { fit } from './fit/fit.ts'
import { createModelScorer } from './fit/model-scorer.ts'
import { escapeHtml } from './report/escape-html.ts'
import { compareInWords, formatTrainingReport } from './report/training-report.ts'
import {
  type TrainOptions,
  type TrainResult,
  type TrainRuntime,
  trainArtifact,
} from './train-artifact.ts'

const dataset = lifecycleDataset()
const testCutMs = TEST_DAY * DAY_MS
const options: TrainOptions = {
  encoder: { dim: 16, numBlocks: 1, maxLength: 12, dropout: 0.1 },
  batchSize: 16,
  learningRate: 0.01,
  maxEpochs: 3,
  seed: 2,
  horizonDays: 14,
  testCutMs,
  refitEpochs: 1,
}
const runtime: TrainRuntime = { createEngine: (config) => createEngine(config) }

let folder: string
let result: TrainResult
let artifact: Artifact
let report: string
const stages: string[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perennial-train-'))
  const path = join(folder, 'model')
  result = await trainArtifact(dataset, path, {
    ...options,
    runtime: { ...runtime, onStage: (stage) => stages.push(stage) },
  })
  artifact = await readArtifact(path)
  report = await readFile(join(path, 'report.html'), 'utf8')
}, 60_000)
afterAll(() => rm(folder, { recursive: true }))

async function train(
  change: TrainOptions,
  data: Dataset = dataset,
): Promise<{ result: TrainResult; artifact: Artifact }> {
  const path = join(folder, 'other')
  const other = await trainArtifact(data, path, { ...options, ...change, runtime })
  return { result: other, artifact: await readArtifact(path) }
}

/** Query vector that the artifact's network gives a history, as serving computes it. */
async function encode(
  { encoder, vectors, manifest }: Artifact,
  history: History,
): Promise<Float32Array> {
  const { dim, maxLength } = manifest.encoder
  const rows = history.itemRows.slice(-maxLength)
  const inputs = new Float32Array(rows.length * dim)
  rows.forEach((row, i) => {
    inputs.set(vectors.vectors.subarray(row * dim, (row + 1) * dim), i * dim)
  })
  const session = await InferenceSession.create(encoder)
  const { query } = await session.run({
    item_vectors: new Tensor('float32', inputs, [1, rows.length, dim]),
    lengths: new Tensor('int64', BigInt64Array.of(BigInt(rows.length)), [1]),
  })
  return query?.data as Float32Array
}

/** Scores of all items, padding at `-Infinity`. */
function scoreAll({ vectors, dim }: Artifact['vectors'], query: Float32Array): Float32Array {
  const scores = Float32Array.from({ length: vectors.length / dim }, (_, row) =>
    query.reduce((sum, value, d) => sum + value * (vectors[row * dim + d] as number), 0),
  )
  scores[0] = -Infinity
  return scores
}

function evaluationOf(evaluations: readonly Evaluation[], scorer: string): Evaluation {
  return evaluations.find((evaluation) => evaluation.scorer === scorer) as Evaluation
}

describe('trainArtifact', () => {
  test('writes the network that it tested', async () => {
    const { fitted, blend, evaluations } = result
    const config = fitted.config.encoder
    const engine = await createEngine(config)
    const trainEnds = endsBefore(dataset.sequences, testCutMs)
    const refitted = await fit(
      dataset,
      { trainEnds, validation: [] },
      {
        ...options,
        maxEpochs: 1,
        runtime: { createEngine: () => engine, initialWeights: fitted.weights },
      },
    )
    const itemTable = artifact.vectors.vectors
    const end = LATE_ITEMS.inTest * config.dim
    expect(itemTable.subarray(0, end)).toEqual(refitted.weights.itemTable.subarray(0, end))
    const model = await createModelScorer({ ...refitted.weights, itemTable }, { engine, config })
    const { test: cases } = splitByTime(dataset, { testCutMs, horizonMs: 14 * DAY_MS })
    for (const i of [0, 7, 60]) {
      const { userRow, historyEnd, asOfMs } = cases[i] as (typeof cases)[number]
      const history = historyOf(dataset.sequences, userRow, historyEnd, asOfMs)
      const scores = scoreAll(artifact.vectors, await encode(artifact, history))
      const expected = new Float32Array(scores.length)
      await model.scoreBatch([history], expected)
      for (let row = 1; row < scores.length; row++) {
        expect(Math.abs((scores[row] as number) - (expected[row] as number))).toBeLessThan(
          1e-4 * Math.max(1, Math.abs(expected[row] as number)),
        )
      }
      const listOf = (scorer: string): Int32Array => {
        const { topK, maxK } = evaluationOf(evaluations, scorer)
        return topK.slice(i * maxK, i * maxK + 10)
      }
      expect(selectTopK(scores, 10)).toEqual(listOf('sasrec'))
      addRepeatScores(history, artifact.manifest.blend, scores)
      expect(selectTopK(scores, 10)).toEqual(listOf('sasrec + repeats'))
    }
    model.dispose()
    expect(artifact.manifest.blend).toEqual({
      repeatWeight: blend.repeatWeight,
      halfLifeDays: blend.halfLifeDays,
    })
  })

  test('marks as learned the items with events before the test cut, and gives the others a mean vector', () => {
    const { vectors, trained, dim } = artifact.vectors
    const untrained: number[] = [LATE_ITEMS.inTest, LATE_ITEMS.never]
    for (let row = 1; row <= dataset.catalog.numItems; row++)
      expect(trained[row]).toBe(untrained.includes(row) ? 0 : 1)
    const odd = Array.from(trained.keys()).filter((row) => row % 2 === 1 && trained[row] === 1)
    for (const row of untrained) {
      const mean =
        odd.reduce((sum, other) => sum + (vectors[other * dim] as number), 0) / odd.length
      expect(vectors[row * dim]).toBeCloseTo(mean, 6)
    }
  })

  test('tells in the manifest what was measured, and on what', () => {
    const { metrics, data, training, modelVersion } = artifact.manifest
    expect(result.manifest).toEqual(artifact.manifest)
    expect(Object.keys(metrics)).toEqual([
      'popularity, all time',
      'popularity, last 30 days',
      'personal-frequency',
      'decayed-frequency',
      'neighbor-blend',
      'item-knn',
      'tifu-knn',
      'sasrec',
      'sasrec + repeats',
      ...servedName(result),
    ])
    for (const evaluation of result.evaluations)
      expect(metrics[evaluation.scorer]).toEqual(evaluation.metrics)
    const numBefore = dataset.sequences.timestampMs.filter((time) => time < testCutMs).length
    expect(data).toEqual({
      numUsers: 80,
      numItems: 23,
      numEvents: numBefore,
      trainedUntil: '1970-04-17T00:00:00.000Z',
      currency: null,
    })
    expect(training).toMatchObject({
      epochs: result.fitted.bestEpoch + 1,
      config: { seed: 2, loss: 'softmax' },
    })
    expect(modelVersion).toMatch(/^perennial-[0-9a-f]{12}$/)
    expect(stages.at(-1)).toBe('Writing the artifact')
    expect(stages).toContain('Testing tifu-knn')
  })

  test('keeps what was learned of customers, all of it from before the test cut', async () => {
    const customers = artifact.lifecycle?.customers
    expect(customers).toEqual(result.lifecycle.customers)
    expect(customers?.cutDay).toBe(TEST_DAY)
    expect(customers?.visits?.activity.map(({ horizonDays }) => horizonDays)).toEqual([7, 28, 90])
    // Everything, one level that all items share, and odd and even.
    expect(customers?.outlook?.levels).toHaveLength(3)
    expect(customers?.durability?.items).toHaveLength(24)
    expect(stages).toContain('Learning how customers come back, and what lasts')
  })

  test('option durabilityOverrides goes into the artifact', async () => {
    const { artifact: other } = await train({
      durabilityOverrides: [{ itemId: 'i2', kind: 'durable', suppressDays: 50 }],
    })
    const [before, after] = [artifact, other].map(
      ({ lifecycle }) => lifecycle?.customers?.durability?.items[2],
    )
    expect(after).toMatchObject({ kind: 'durable', suppressDays: 50, daysSetBy: 'merchant' })
    expect(before?.daysSetBy).toBe('data')
    expect(other.manifest.modelVersion).not.toBe(artifact.manifest.modelVersion)
  })

  test('reports in words, in a table and in a chart', () => {
    for (const { scorer, metrics } of result.evaluations) {
      const ndcg = (metrics['ndcg@10'] as number).toFixed(4)
      expect(report).toMatch(
        new RegExp(`<tr><td>${scorer.replace('+', '\\+')}</td><td>.*<td>${ndcg}<`),
      )
    }
    expect(report).toContain(compareInWords(result.evaluations, result.numModels))
    expect(report).toMatch(
      /Who buys within 28 days is told by (a logistic model|BG\/NBD)\. Log loss: /,
    )
    // 23 items: those that buyers came back for, and those that few or none did.
    const counts = /last: (\d+); that are used up: (\d+); of which it is not known: (\d+)\./.exec(
      report,
    )
    expect(counts?.slice(1).reduce((sum, count) => sum + Number(count), 0)).toBe(23)
    for (const note of result.lifecycle.customers.notes) expect(report).toContain(escapeHtml(note))
    expect(report).toMatch(/<figure><svg .*<\/svg><\/figure>/s)
    expect(report).not.toContain('<script')
  })

  test('learns nothing from what happens after the test cut', async () => {
    // From the day of the question on everybody buys only what was never bought before, for a year.
    const later = lifecycleDataset((u) => [
      ...Array.from({ length: 9 }, (_, i) => [LATE_ITEMS.never, END_DAY + i] as const),
      ...Array.from({ length: 9 }, (_, i) => [1 + ((u + i) % 20), END_DAY + 365 + i] as const),
    ])
    const other = await train({}, poisonTestWindow(later))
    expect(other.artifact.vectors).toEqual(artifact.vectors)
    expect(other.artifact.encoder).toEqual(artifact.encoder)
    expect(other.result.blend).toEqual(result.blend)
    expect(artifact.lifecycle?.ranker).toBeDefined()
    expect(other.artifact.lifecycle).toEqual(artifact.lifecycle)
    expect(other.artifact.manifest.lifecycle).toEqual(artifact.manifest.lifecycle)
    expect(other.result.lifecycle.ladder).toEqual(result.lifecycle.ladder)
    const learned = ({ fitted }: TrainResult): unknown =>
      fitted.curve.map(({ loss, validationNdcg }) => [loss, validationNdcg])
    expect(learned(other.result)).toEqual(learned(result))
    // The test did see the poison: nobody foretells an item that was never bought.
    const recall = (evaluations: readonly Evaluation[]): number =>
      evaluationOf(evaluations, 'tifu-knn').metrics['recall@10'] as number
    expect(recall(other.result.evaluations)).toBe(0)
    expect(recall(result.evaluations)).toBeGreaterThan(0.5)
  })

  test('option refitEpochs changes what is learned last', async () => {
    const { artifact: other, result: without } = await train({ refitEpochs: 0 })
    const { dim, vectors, trained } = other.vectors
    const end = LATE_ITEMS.inTest * dim
    expect(vectors.subarray(0, end)).toEqual(without.fitted.weights.itemTable.subarray(0, end))
    expect(vectors).not.toEqual(artifact.vectors.vectors)
    // An item first bought in the validation window is then not learned.
    expect(trained[LATE_ITEMS.inValidation]).toBe(0)
    expect(other.manifest.data.trainedUntil).toBe('1970-04-03T00:00:00.000Z')
    expect(other.manifest.training.epochs).toBe(without.fitted.bestEpoch)
  })

  test('option horizonDays changes what counts as right and when training ends', async () => {
    const { result: other } = await train({ horizonDays: 7 })
    const casesOf = ({ evaluations }: TrainResult): number =>
      (evaluations[0] as Evaluation).perCase.userRows.length
    expect(casesOf(other)).toBeLessThan(casesOf(result))
    expect(other.fitted.curve).not.toEqual(result.fitted.curve)
    expect(other.horizonDays).toBe(7)
  })

  test('options testCutMs and name change the question and the version', async () => {
    const { result: other, artifact: named } = await train({ testCutMs: undefined, name: 'shop' })
    // The last event is on day 119; 14 days up to its midnight begin on day 106.
    expect(other.testCutMs).toBe((119 + 1 - 14) * DAY_MS)
    expect(named.manifest.modelVersion).toMatch(/^shop-/)
    const earlier = await train({ testCutMs: (TEST_DAY - 20) * DAY_MS })
    expect(earlier.artifact.manifest.data.trainedUntil).toBe('1970-03-28T00:00:00.000Z')
    expect(earlier.artifact.vectors.trained[LATE_ITEMS.inValidation]).toBe(0)
  })

  test.each<[string, TrainOptions]>([
    ['horizonDays', { horizonDays: Number.NaN }],
    ['refitEpochs', { refitEpochs: -1 }],
    ['testCutMs', { testCutMs: Number.NaN }],
    ['dim', { encoder: { dim: 0 } }],
    ['encoder.outputEmbeddings', { encoder: { outputEmbeddings: 'untied' } }],
    ['popularityPrior', { popularityPrior: 1 }],
    ['overrides[0].kind', { durabilityOverrides: [{ itemId: 'i1', kind: 'solid' as 'durable' }] }],
  ])('refuses %s before it trains', async (name, change) => {
    let engines = 0
    const refused = trainArtifact(dataset, join(folder, 'refused'), {
      ...options,
      ...change,
      runtime: {
        createEngine: (config) => {
          engines++
          return createEngine(config)
        },
      },
    })
    await expect(refused).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining(`\`${name}\``),
    })
    expect(engines).toBe(0)
  })
})

test('trainArtifact refuses overrides of data that knows no days', async () => {
  const ordinal: Dataset = { ...dataset, timeKind: 'ordinal' }
  const durabilityOverrides = [{ itemId: 'i1', kind: 'durable' }] as const
  await expect(train({ durabilityOverrides }, ordinal)).rejects.toMatchObject({
    code: 'DATASET_MISMATCH',
  })
})

describe('formatTrainingReport', () => {
  test('escapes names, and compares in words when no baseline finds anything', async () => {
    const [first, ...others] = result.evaluations as [Evaluation, ...Evaluation[]]
    const named = { ...first, scorer: '<script>"&' }
    const page = await formatTrainingReport(dataset, { ...result, evaluations: [named, ...others] })
    expect(page).toContain('<td>&lt;script&gt;&quot;&amp;</td>')
    expect(page).not.toContain('<script')
    const at = (scorer: string, ndcg: number): Pick<Evaluation, 'scorer' | 'metrics'> => ({
      scorer,
      metrics: { 'ndcg@10': ndcg },
    })
    expect(compareInWords([at('a', 0.2), at('b', 0.1), at('net', 0.2), at('full', 0.25)], 2)).toBe(
      'By NDCG@10, full is 25.0 % above the best baseline, a.',
    )
    expect(compareInWords([at('a', 0.2), at('net', 0.2), at('full', 0.15)], 2)).toBe(
      'By NDCG@10, full is 25.0 % below the best baseline, a.',
    )
    expect(compareInWords([at('a', 0), at('net', 0), at('full', 0.25)], 2)).toBe(
      'By NDCG@10, full is at 0.2500; every baseline is at 0.',
    )
  })
})

/** Name of the evaluation of what is served, where that is not the sequence model. */
function servedName({ lifecycle: { config } }: TrainResult): string[] {
  const { ranking } = config
  if (ranking === 'sequence') return []
  return [ranking.endsWith('ranker') ? ranking : `served: ${ranking}`]
}

/** Replaces every item of the test window by the one that is never bought. */
function poisonTestWindow(data: Dataset): Dataset {
  const { sequences } = data
  const itemRows = sequences.itemRows.map((row, i) =>
    (sequences.timestampMs[i] as number) < testCutMs ? row : LATE_ITEMS.never,
  )
  return { ...data, sequences: { ...sequences, itemRows } }
}
