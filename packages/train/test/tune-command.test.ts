import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DAY_MS, readArtifact, readDataset, splitByTime } from '@perennial/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createProgram } from '../src/cli.ts'
import { fingerprintOf } from '../src/fit/resume.ts'
import type { TuneResult } from '../src/index.ts'
import { builtModule } from './built-module.ts'
import { lifecycleDataset, writeDataset } from './lifecycle-dataset.ts'
import { type Outcome, type RunScriptOptions, runScript } from './run-script.ts'

const SPACE = {
  'encoder.dim': { choices: [8] },
  'encoder.numBlocks': { choices: [1] },
  learningRate: { min: 0.001, max: 0.02, scale: 'log' },
}
const FLAGS = '--space space.json --trials 3 --eta 3 --min-epochs 1 --horizon-days 13 --threads 1'

let root: string
let script: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'perennial-tune-command-'))
  script = join(root, 'run.mjs')
  await writeFile(script, `import { main } from '${builtModule('train/cli')}'\nawait main()`)
  await writeFile(join(root, 'space.json'), JSON.stringify(SPACE))
  await writeDataset(join(root, 'data'), lifecycleDataset())
}, 120_000)
afterAll(() => rm(root, { recursive: true }))

/** Runs a command; stops it with a signal once stderr holds a text. */
function run(line: string, options: Omit<RunScriptOptions, 'cwd'> = {}): Promise<Outcome> {
  return runScript(script, line.split(' '), { cwd: root, ...options })
}

async function readResult(name: string): Promise<TuneResult> {
  return JSON.parse(await readFile(join(root, name), 'utf8')) as TuneResult
}

function scoresOf({ trials }: TuneResult): unknown {
  return trials.map(({ status, rungs }) => [status, ...rungs.map(({ ndcg }) => ndcg)])
}

describe('perennial-train tune', () => {
  test('searches, says each trial, draws the rungs, and gives fit what it found', async () => {
    const { exitCode, stdout, stderr } = await run(`tune data --out whole.json ${FLAGS}`)
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 })
    const lines = stderr.trim().split('\n')
    expect(lines.length).toBe(4)
    for (const [i, line] of lines.entries())
      expect(line).toMatch(
        new RegExp(
          `^Rung ${i < 3 ? 1 : 2} of 2, trial ${i < 3 ? i + 1 : 1} of ${i < 3 ? 3 : 1} .*best NDCG@10 0\\.\\d{4} by epoch ${i < 3 ? 1 : 3}; about \\d+ s left in all$`,
        ),
      )
    const { best, trials } = await readResult('whole.json')
    expect(stdout).toMatch(/│ \d+ +│ best +│ 3 +│ 0\.\d{4} +│/)
    expect(stdout).toContain('perennial-train fit data --out artifact --config whole.json')
    const page = await readFile(join(root, 'whole.html'), 'utf8')
    expect(page).toContain('<svg')
    for (const { id } of trials) expect(page).toContain(`<tr><td>${id}</td>`)

    const fitted = await run(
      'fit data --out model --config whole.json --horizon-days 13 --batch-size 16 --max-epochs 1',
    )
    expect({ exitCode: fitted.exitCode, stderr: fitted.stderr }).toMatchObject({ exitCode: 0 })
    const { manifest } = await readArtifact(join(root, 'model'))
    expect(manifest.training.config).toMatchObject({ ...best, batchSize: 16, maxEpochs: 1 })
  })

  test.each(['SIGINT', 'SIGTERM'] as const)(
    'goes on after %s and ends the same',
    async (signal) => {
      await run(`tune data --out unbroken.json ${FLAGS}`)
      const line = `tune data --out ${signal}.json ${FLAGS}`
      const { exitCode, stderr } = await run(line, { signal, at: 'trial 2 of 3' })
      expect(exitCode).toBe(1)
      expect(stderr).toMatch(/perennial-train: ABORTED\n {2}Stopped; the same command goes on\.\n$/)
      const again = await run(line)
      expect(again.exitCode).toBe(0)
      expect(again.stderr).not.toContain('trial 2 of 3')
      expect(scoresOf(await readResult(`${signal}.json`))).toEqual(
        scoresOf(await readResult('unbroken.json')),
      )
    },
  )

  test('trains trials of a horizon for the days that it asks about', async () => {
    const space = { ...SPACE, objective: { choices: ['horizon'] } }
    await writeFile(join(root, 'horizon.json'), JSON.stringify(space))
    const { exitCode } = await run(
      `tune data --out found.json ${FLAGS} --trials 1 --space horizon.json`,
    )
    expect(exitCode).toBe(0)
    expect((await readResult('found.json')).best).toMatchObject({
      objective: 'horizon',
      horizonDays: 13,
    })
  })

  test('asks on the window before the test date, with the events that it is told to', async () => {
    const { exitCode } = await run(
      `tune data --out dated.json ${FLAGS} --trials 1 --test-date 1970-04-05 --event-types purchase`,
    )
    expect(exitCode).toBe(0)
    const dataset = await readDataset(join(root, 'data'))
    const split = splitByTime(dataset, {
      testCutMs: Date.UTC(1970, 3, 5),
      horizonMs: 13 * DAY_MS,
    })
    expect((await readResult('dated.json')).dataFingerprint).toBe(fingerprintOf(dataset, split))
    const none = await run(`tune data --out none.json ${FLAGS} --event-types view`)
    expect(none.exitCode).toBe(1)
  })

  test.each([
    ['a space that is no JSON', '{', 'INVALID_INPUT', 'wrong.json'],
    [
      'an option it does not know',
      '{"encoder.width":{"choices":[1]}}',
      'INVALID_OPTION',
      'encoder.width',
    ],
    [
      'a bad range',
      '{"learningRate":{"min":1,"max":0,"scale":"log"}}',
      'INVALID_OPTION',
      'wrong.json: Expected `space.learningRate.max`',
    ],
  ])('refuses %s', async (_, text, code, part) => {
    const space = join(root, 'wrong.json')
    await writeFile(space, text)
    const out = join(root, 'refused.json')
    const args = ['tune', join(root, 'data'), '--out', out, '--space', space]
    await expect(createProgram().parseAsync(args, { from: 'user' })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(part),
    })
    await expect(access(out)).rejects.toMatchObject({ code: 'ENOENT' })
  })
})
