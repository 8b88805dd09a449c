import { access, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readArtifact } from '@perennial/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createProgram } from '../src/cli.ts'
import { loadCheckpoint } from '../src/fit/checkpoint.ts'
import { compareInWords, resultRows } from '../src/report/training-report.ts'
import { builtModule } from './built-module.ts'
import { lifecycleDataset, writeDataset } from './lifecycle-dataset.ts'
import { type Outcome, runScript } from './run-script.ts'

let root: string
let script: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'perennial-fit-command-'))
  script = join(root, 'run.mjs')
  await writeFile(script, `import { main } from '${builtModule('train/cli')}'\nawait main()`)
  await writeDataset(join(root, 'data'), lifecycleDataset())
}, 120_000)
afterAll(() => rm(root, { recursive: true }))

/** Runs `fit`; interrupts it once stderr holds a text. */
function run(flags: readonly string[], interruptAt?: string): Promise<Outcome> {
  return runScript(script, ['fit', 'data', ...flags], { cwd: root, at: interruptAt })
}

describe('perennial-train fit', () => {
  test('trains as its flags say, prints the results and writes artifact and log', async () => {
    const flags = `--out model --log log.jsonl --horizon-days 13 --test-date 1970-04-15 --dim 8 --blocks 1
      --heads 2 --max-length 9 --dropout 0.3 --loss sampled-softmax --negatives 5 --batch-size 20
      --learning-rate 0.02 --max-epochs 2 --max-seconds 500 --patience 4 --refit-epochs 3 --seed 9`
    const { exitCode, stdout, stderr } = await run(flags.split(/\s+/))
    expect(exitCode).toBe(0)

    const { manifest } = await readArtifact(join(root, 'model'))
    const results = Object.entries(manifest.metrics).map(([scorer, metrics]) => ({
      scorer,
      metrics,
    }))
    const numModels = manifest.lifecycle?.ranking === 'sequence' ? 2 : 3
    expect(results.length).toBe(7 + numModels)
    for (const cells of resultRows(results))
      expect(stdout).toMatch(
        new RegExp(cells.map((cell) => cell.replace('+', '\\+')).join(' *│ *')),
      )
    expect(stdout).toContain(compareInWords(results, numModels))
    expect(stdout).toContain(
      `Wrote model (${manifest.modelVersion}); the report is model/report.html.`,
    )
    expect(stderr).toMatch(
      /^Engine .*\nTraining; .*\nEpoch 1: loss \d.*\nEpoch 2: loss \d.*, validation NDCG@10 0\.\d{4}, /,
    )
    expect(manifest.data.trainedUntil).toBe('1970-04-15T00:00:00.000Z')

    expect(manifest.training.config).toMatchObject({
      encoder: { dim: 8, numBlocks: 1, numHeads: 2, maxLength: 9, dropout: 0.3 },
      loss: 'sampled-softmax',
      numNegatives: 5,
      batchSize: 20,
      learningRate: 0.02,
      maxEpochs: 2,
      maxSeconds: 500,
      patience: 4,
      seed: 9,
    })
    const log = (await readFile(join(root, 'log.jsonl'), 'utf8')).trim().split('\n')
    const scores = log.map((line) => JSON.parse(line).validationNdcg)
    expect(scores.length).toBe(2)
    expect(manifest.training.epochs).toBe(scores.indexOf(Math.max(...scores)) + 1 + 3)
    // The next run may be on newer data, which a checkpoint left behind would refuse.
    expect(await loadCheckpoint(join(root, 'model.checkpoint.safetensors'))).toBeUndefined()
    expect(await readFile(join(root, 'model/report.html'), 'utf8')).toContain(
      'in the 13 days from then',
    )
  })

  test('an interrupt saves the checkpoint and says how to go on', async () => {
    const flags = ['--out', 'stopped', '--checkpoint', 'here.safetensors', '--dim', '8']
    const { exitCode, stderr } = await run([...flags, '--patience', '1000'], 'Epoch 1:')
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(
      /perennial-train: ABORTED\n {2}Stopped; the same command goes on from the checkpoint\.\n$/,
    )
    expect((await loadCheckpoint(join(root, 'here.safetensors')))?.progress.epoch).toBeGreaterThan(
      0,
    )
    expect((await readdir(root)).filter((name) => name.startsWith('stopped'))).toEqual([])
  })

  test.each([
    ['a missing folder', 'nowhere', [], 'DATASET_MISSING', 'perennial-train ingest'],
    [
      'a date that is none',
      'data',
      ['--test-date', '2011-13-40'],
      'INVALID_OPTION',
      '`--test-date`',
    ],
    [
      'a day that no month has',
      'data',
      ['--test-date', '2011-02-30'],
      'INVALID_OPTION',
      '`--test-date`',
    ],
    ['a loss it does not know', 'data', ['--loss', 'foo'], 'INVALID_OPTION', '`loss`'],
    ['a number that is none', 'data', ['--dim', 'x'], 'INVALID_OPTION', '`dim`'],
    ['an engine it does not know', 'data', ['--engine', 'foo'], 'INVALID_OPTION', '`engine`'],
  ])('refuses %s', async (_, data, flags, code, part) => {
    const out = join(root, 'refused')
    const args = ['fit', join(root, data), '--out', out, ...flags]
    await expect(createProgram().parseAsync(args, { from: 'user' })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(part),
    })
    await expect(access(out)).rejects.toMatchObject({ code: 'ENOENT' })
  })
})
