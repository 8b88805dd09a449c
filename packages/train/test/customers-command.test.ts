import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LIFECYCLE_STAGES, readArtifact } from '@perennial/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createProgram } from '../src/cli.ts'
import { builtModule } from './built-module.ts'
import { lifecycleDataset, writeDataset } from './lifecycle-dataset.ts'
import { type Outcome, runScript } from './run-script.ts'

let root: string
let script: string
let fitted: Outcome
const run = (args: readonly string[]): Promise<Outcome> => runScript(script, args, { cwd: root })

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'perennial-customers-command-'))
  script = join(root, 'run.mjs')
  await writeFile(script, `import { main } from '${builtModule('train/cli')}'\nawait main()`)
  await writeDataset(join(root, 'data'), lifecycleDataset())
  const overrides = [{ categoryPath: ['<script>', 'odd'], kind: 'durable', suppressDays: 33 }]
  await writeFile(join(root, 'lasting.json'), JSON.stringify(overrides))
  const flags = '--out model --durability lasting.json --dim 8 --blocks 1 --max-epochs 1'
  fitted = await run(['fit', 'data', ...flags.split(' ')])
}, 120_000)
afterAll(() => rm(root, { recursive: true }))

describe('perennial-train fit --durability', () => {
  test("puts the merchant's word into the artifact, and says what was not learned", async () => {
    expect(fitted.exitCode).toBe(0)
    const { lifecycle } = await readArtifact(join(root, 'model'))
    const items = lifecycle?.customers?.durability?.items ?? []
    expect(items).toHaveLength(24)
    expect(items[1]).toMatchObject({ kind: 'durable', decidedBy: 'merchant', suppressDays: 33 })
    expect(items[2]?.decidedBy).not.toBe('merchant')
    for (const note of lifecycle?.customers?.notes ?? []) expect(fitted.stdout).toContain(note)
    // The data has no prices.
    expect(fitted.stdout).toContain('The expected value of visits is left out')
  })

  test('refuses a file that is wrong before it trains', async () => {
    await writeFile(join(root, 'wrong.json'), '[{"itemId":"i1","kind":"solid"}]')
    const { exitCode, stderr } = await run(
      'fit data --out refused --durability wrong.json'.split(' '),
    )
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/INVALID_OPTION\n {2}In wrong\.json: .*`overrides\[0\]\.kind`/)
    expect(stderr).not.toContain('Training')
  })
})

describe('perennial-train customers', () => {
  test('writes a row a customer and prints the stages', async () => {
    const args = 'customers data --artifact model --out out/customers.csv --as-of 1970-04-20'
    const { exitCode, stdout } = await run(args.split(' '))
    expect(exitCode).toBe(0)
    const lines = (await readFile(join(root, 'out/customers.csv'), 'utf8')).trim().split('\n')
    expect(lines).toHaveLength(81)
    expect(lines[0]).toBe(
      'customer_id,stage,visits,days_since_last_visit,expected_visits_28,expected_value_28,p_buys_7,p_buys_28,p_buys_90',
    )
    for (const stage of LIFECYCLE_STAGES) {
      const count = lines.filter((line) => line.split(',')[1] === stage).length
      expect(stdout).toMatch(new RegExp(`│ ${stage} +│ +${count} │`))
    }
    const { manifest } = await readArtifact(join(root, 'model'))
    expect(stdout).toContain(
      `Wrote out/customers.csv: 80 customers as of 1970-04-20 (${manifest.modelVersion}).`,
    )
    expect(await readdir(join(root, 'out'))).toEqual(['customers.csv'])
  })

  test.each([
    ['a date that is none', ['--as-of', 'yesterday'], 'INVALID_OPTION', '`--as-of`'],
    ['a folder without an artifact', ['--artifact', 'nowhere'], 'BAD_ARTIFACT', 'nowhere'],
    ['a day before all events', ['--as-of', '1969-01-01'], 'INVALID_INPUT', '1969-01-01'],
  ])('refuses %s', async (_, flags, code, part) => {
    const args = ['customers', join(root, 'data'), '--artifact', join(root, 'model')]
    const out = ['--out', join(root, 'refused.csv')]
    const refused = createProgram().parseAsync([...args, ...out, ...flags], { from: 'user' })
    await expect(refused).rejects.toMatchObject({ code, message: expect.stringContaining(part) })
    expect(await readdir(root)).not.toContain('refused.csv')
  })
})
