import { spawnSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeTinyArtifact } from '../../../packages/serve/test/tiny-artifact.ts'
import { checkServer } from './check-server.ts'
import { copyNextExample } from './copy-next-example.ts'
import { runExample, startExample } from './start-example.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const compiled = join(root, 'docs/examples/dist')
let artifact: string
let folder: string

beforeAll(async () => {
  artifact = await writeTinyArtifact()
  folder = await mkdtemp(join(tmpdir(), 'perennial-examples-'))
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const args = [compiler, '-p', join(root, 'docs/examples')]
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' })
}, 60_000)

afterAll(async () => {
  await rm(folder, { recursive: true })
  await rm(dirname(artifact), { recursive: true })
})

describe('the script for plain Node', () => {
  const script = join(compiled, 'plain-node/recommend-to-buyers.js')

  test('gives each buyer a list', async () => {
    const input = ['tea', 'soap', 'tea']
      .map((itemId) => ({ userId: `likes-${itemId}`, itemId, timestamp: '2026-01-12T09:00:00Z' }))
      .map((purchase) => `${JSON.stringify(purchase)}\n`)
      .join('')
    const { code, stdout, stderr } = await runExample([script], { env: environment('-'), input })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const lists = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lists.map(({ userId, itemIds }) => [userId, itemIds[0], itemIds.length])).toEqual([
      ['likes-tea', 'tea', 5],
      ['likes-soap', 'soap', 5],
    ])
  })

  test('says by code what is wrong, and ends with status 1', async () => {
    const env = { PERENNIAL_ARTIFACT: join(folder, 'nothing') }
    const { code, stdout, stderr } = await runExample([script], { env })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^BAD_ARTIFACT: /)
  })
})

describe('the servers', () => {
  test.each(['express', 'fastify'])(
    '%s answers, records, and stops without a loss',
    async (name) => {
      const script = join(compiled, name, 'server.js')
      const start = () => startExample([script], { env: environment(name) })
      await checkServer(start, { path: '', exitStatus: 0 })
    },
  )

  test('next is built, answers, records, and stops without a loss', async () => {
    const cwd = await copyNextExample(root)
    try {
      const next = join(root, 'docs/node_modules/next/dist/bin/next')
      const options = { cwd, env: environment('next') }
      const { code, stdout, stderr } = await runExample([next, 'build'], options)
      expect(code, stdout + stderr).toBe(0)
      expect(await isBundled(cwd)).toBe(false)
      const start = () => startExample([next, 'start', '-H', '127.0.0.1'], options)
      // That of a process that SIGTERM ended, which Next.js gives itself.
      await checkServer(start, { path: '/api', exitStatus: 143 })
    } finally {
      await rm(cwd, { recursive: true })
    }
  }, 180_000)
})

/** Whether a build has code of the package in it, which it should leave to Node: here the text of an error. */
async function isBundled(cwd: string): Promise<boolean> {
  const built = join(cwd, '.next/server')
  const names = (await readdir(built, { recursive: true })).filter((name) => name.endsWith('.js'))
  const chunks = await Promise.all(names.map((name) => readFile(join(built, name), 'utf8')))
  // The code of the example is there, so these are the chunks.
  expect(chunks.some((chunk) => chunk.includes('PERENNIAL_ARTIFACT'))).toBe(true)
  return chunks.some((chunk) => chunk.includes('Expected `fromUserId` and `intoUserId`'))
}

/** What each example reads of its environment; the state folder is one a name. */
function environment(name: string): Record<string, string> {
  return {
    PERENNIAL_ARTIFACT: artifact,
    PERENNIAL_STATE: join(folder, name),
    PORT: '0',
    NODE_ENV: 'production',
    NEXT_TELEMETRY_DISABLED: '1',
  }
}
