import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { ARTIFACT_FILES, createEncoderConfig, readArtifact, writeArtifact } from '@perennial/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createEngine } from '../src/engine/create-engine.ts'
import { trainArtifact } from '../src/train-artifact.ts'
import { builtModule } from './built-module.ts'
import { lifecycleDataset, writeDataset } from './lifecycle-dataset.ts'

const OPTIONS = {
  encoder: { dim: 8, numBlocks: 1, maxLength: 12 },
  batchSize: 16,
  maxEpochs: 3,
  horizonDays: 14,
}

/** Trains; says each step; at the moment in its last argument it says so and stands still. */
const SCRIPT = `
import { writeFile } from 'node:fs/promises'
import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { readDataset, replaceFolder } from '${builtModule('core/index')}'

const [data, folder, moment] = process.argv.slice(2)
const say = (line) => writeSync(1, line + '\\n')
const stand = () => {
  say('reached')
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
}
if (moment === 'write') {
  await replaceFolder(folder, async (temporary) => {
    await writeFile(join(temporary, 'encoder.onnx'), 'a part')
    stand()
  })
}
const { createEngine } = await import('${builtModule('train/engine/create-engine')}')
const { trainArtifact } = await import('${builtModule('train/train-artifact')}')
await trainArtifact(await readDataset(data), folder, {
  ...${JSON.stringify(OPTIONS)},
  runtime: {
    createEngine: (config) => createEngine(config),
    checkpointPath: folder + '.checkpoint',
    checkpointEverySeconds: 0,
    onStep: ({ epoch, stepInEpoch }) => {
      const step = epoch + ':' + stepInEpoch
      say(step)
      if (step === moment) stand()
    },
  },
})`

const LEARNED = [ARTIFACT_FILES.encoder, ARTIFACT_FILES.items]

let root: string
let data: string
let script: string
let expected: readonly Buffer[]
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'perennial-kill-'))
  data = join(root, 'data')
  const whole = join(root, 'whole')
  await Promise.all([
    writeDataset(data, lifecycleDataset()),
    trainArtifact(lifecycleDataset(), whole, {
      ...OPTIONS,
      runtime: { createEngine: (config) => createEngine(config) },
    }),
  ])
  script = join(root, 'run.mjs')
  await writeFile(script, SCRIPT)
  expected = await readLearned(whole)
}, 120_000)
afterAll(() => rm(root, { recursive: true }))

function readLearned(folder: string): Promise<Buffer[]> {
  return Promise.all(LEARNED.map((name) => readFile(join(folder, name))))
}

/** Runs the script, to the end or until it has reached the moment, where it is killed. */
async function run(
  folder: string,
  moment = 'none',
): Promise<{ child: ChildProcess; lines: string[] }> {
  const child = spawn(process.execPath, [script, data, folder, moment], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line)
    if (line === 'reached') child.kill('SIGKILL')
  })
  await once(child, 'close')
  return { child, lines }
}

describe('training killed with SIGKILL', () => {
  // 80 users in batches of 16 are 5 steps an epoch.
  test.each([
    ['within an epoch', '2:3', { seen: ['1:5', '2:1', '2:2', '2:3', 'reached'], next: '2:3' }],
    ['while the artifact is written', 'write', { seen: ['reached'], next: '1:1' }],
  ])(
    '%s keeps the previous artifact, and a rerun ends as if never stopped',
    async (_, moment, { seen, next }) => {
      const parent = join(root, `parent-${seen.length}`)
      const folder = join(parent, 'model')
      const before = await writeArtifact(folder, PREVIOUS)

      const killed = await run(folder, moment)
      expect(killed.child.signalCode).toBe('SIGKILL')
      expect(killed.lines.slice(-5)).toEqual(seen)
      expect((await readArtifact(folder)).manifest).toEqual(before)
      const partial = (await readdir(parent)).filter((name) => name.endsWith('.partial'))
      expect(partial.length).toBe(moment === 'write' ? 1 : 0)

      const completed = await run(folder)
      expect(completed.child.exitCode).toBe(0)
      expect(completed.lines[0]).toBe(next)
      expect((await readArtifact(folder)).manifest.modelVersion).toMatch(/^perennial-/)
      expect(await readLearned(folder)).toEqual(expected)
      expect(await readdir(parent)).toEqual(['model', 'model.checkpoint'])
    },
  )
})

const PREVIOUS: Parameters<typeof writeArtifact>[1] = {
  name: 'previous',
  manifest: {
    encoder: createEncoderConfig({ dim: 1 }),
    blend: { repeatWeight: 0, halfLifeDays: 30 },
    data: { numUsers: 1, numItems: 1, numEvents: 1, trainedUntil: '2020-01-01', currency: null },
    training: { engine: 'none', epochs: 1, seconds: 1, config: {} },
    metrics: {},
  },
  encoder: Uint8Array.of(1, 2, 3),
  items: [{ itemId: 'a' }],
  vectors: {
    dim: 1,
    vectors: Float32Array.of(0, 1),
    popularity: Float32Array.of(0, 1),
    trained: Uint8Array.of(0, 1),
  },
}
