import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, describe, expect, test } from 'vitest'
import { checkNode, checkTraining, runDoctor } from './doctor.ts'
import { formatDoctor } from './format-doctor.ts'
import { probeModule } from './probe-module.ts'

const folder = mkdtempSync(join(tmpdir(), 'perennial-doctor-'))
afterAll(() => rmSync(folder, { recursive: true }))

function install(name: string, source: string): void {
  const dir = join(folder, 'node_modules', name)
  mkdirSync(dir, { recursive: true })
  writeFileSync(join(dir, 'package.json'), JSON.stringify({ name, version: '1.2.3' }))
  writeFileSync(join(dir, 'index.js'), source)
}

describe('runDoctor', () => {
  test('measures an engine that works and says that this machine can train', async () => {
    const report = await runDoctor({ folder, dataFolder: folder })

    const wasm = report.checks.find(({ name }) => name === 'engine wasm')
    expect(wasm).toMatchObject({ ok: true, found: expect.stringContaining('GFLOP/s') })
    expect(wasm?.gflops).toBeGreaterThan(0.1)
    expect(report.canTrain).toBe(true)
  })

  test('gives each failing line a way out, and the working ones none', async () => {
    const { checks } = await runDoctor({ folder, dataFolder: join(folder, 'absent') })

    for (const { ok, wayOut } of checks) expect(wayOut === undefined).toBe(ok)
    const data = checks.find(({ name }) => name === 'data folder')
    expect(data).toMatchObject({ ok: false, wayOut: expect.stringContaining('PERENNIAL_DATA') })
  })
})

describe('checkTraining', () => {
  test('states the memory of a catalogue, and says no where there is less', () => {
    const size = { numItems: 1_000_000, dim: 64 }
    expect(checkTraining(size, 16e9)).toMatchObject({
      ok: true,
      found: expect.stringMatching(/moments 0\.51 GB.* for 1,000,000 items of dim 64/),
    })
    expect(checkTraining(size, 1e9)).toMatchObject({ ok: false, wayOut: expect.any(String) })
  })
})

describe('checkNode', () => {
  test.each([
    { version: '18.20.0', ok: false },
    { version: '20.18.3', ok: false },
    { version: '20.19.0', ok: true },
    { version: '22.0.0', ok: true },
    { version: '24.11.1', ok: true },
    { version: '25.0.0', ok: false },
  ])('takes $version: $ok', ({ version, ok }) => {
    expect(checkNode(version).ok).toBe(ok)
  })
})

describe('probeModule', () => {
  test('reports the version and the place of a module that loads', async () => {
    install('loads', '')

    const found = `1.2.3 in ${join(folder, 'node_modules/loads')}`
    expect(await probeModule('loads', folder)).toEqual({ name: 'loads', ok: true, found })
  })

  test('says where it looked for a module that is not there', async () => {
    const { ok, found } = await probeModule('absent-module', folder)

    expect(ok).toBe(false)
    expect(found).toContain(`not found from ${folder}`)
  })

  test('finds a module that only the installed @perennial/serve sees', async () => {
    install('@perennial/serve', '')
    install('@perennial/serve/node_modules/inner', '')

    expect(await probeModule('inner', folder)).toMatchObject({ ok: true })
  })

  test('survives a module that throws or takes its process down', async () => {
    install('throws', "throw new Error('no binary for this machine')")
    install('crashes', 'process.abort()')

    const [throws, crashes] = await Promise.all([
      probeModule('throws', folder),
      probeModule('crashes', folder),
    ])
    expect(throws).toMatchObject({ ok: false, wayOut: expect.stringContaining('npm rebuild') })
    expect(throws.found).toContain('does not load: no binary for this machine')
    expect(crashes.ok).toBe(false)
  })
})

describe('formatDoctor', () => {
  test('prints a line a check, then the ways out, then the verdict', () => {
    const text = formatDoctor({
      checks: [
        { name: 'Node', ok: true, found: '22.1.0' },
        { name: 'disk', ok: false, found: '0.1 GiB free', wayOut: 'make room' },
      ],
      canTrain: true,
    })

    const lines = stripVTControlCharacters(text).split('\n')
    expect(lines).toContainEqual(expect.stringMatching(/^│ ok +│ Node +│ 22\.1\.0 +│$/))
    expect(lines).toContainEqual(expect.stringMatching(/^│ no +│ disk +│ 0\.1 GiB free +│$/))
    expect(lines.slice(-2)).toEqual(['disk: make room', 'This machine can train.'])
  })
})
