import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
// @ts-expect-error plain JavaScript, which runs before anything is installed
import { runStep } from '../scripts/native-build.mjs'

const SCRIPTS = fileURLToPath(new URL('../scripts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'perennial-native-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Runs a program of this Node and returns what runStep makes of it. */
function step(program: string, options: object = {}) {
  return runStep('trying', process.execPath, ['-e', program], options)
}

describe('runStep', () => {
  test('returns what a command that succeeds printed', async () => {
    expect(await step("console.log('done')")).toEqual({ ok: true, stdout: 'done\n', problem: '' })
  })

  test('returns the line that names the error of a command that fails', async () => {
    const program =
      "console.error('fatal error: a.h: No such file\\nmake: stopped'); process.exit(2)"

    expect(await step(program)).toMatchObject({
      ok: false,
      problem: 'fatal error: a.h: No such file',
    })
  })

  test('returns a problem for a command that does not exist', async () => {
    const run = await runStep('trying', join(folder, 'absent'), [])

    expect(run).toMatchObject({ ok: false, problem: expect.stringContaining('ENOENT') })
  })

  test('stops a command and its children after the time allowed', async () => {
    const beats = join(folder, 'beats')
    const grandchild = `setInterval(() => require('fs').appendFileSync(${JSON.stringify(beats)}, '.'), 50)`
    const program = `
      require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(grandchild)}])
      setInterval(() => {}, 1000)`

    const run = await step(program, { timeoutMs: 1_500 })

    expect(run).toMatchObject({ ok: false, problem: 'stopped after 2 s' })
    const numBeats = readFileSync(beats).length
    await setTimeout(300)
    expect(numBeats).toBeGreaterThan(0)
    expect(readFileSync(beats).length).toBe(numBeats)
  })

  test('stops a command that makes no progress', async () => {
    const run = await step('setInterval(() => {}, 1000)', { stallMs: 700, progress: () => 1 })

    expect(run).toMatchObject({ ok: false, problem: 'no progress for 1 s' })
  })
})

const hasPython = spawnSync('python3', ['--version']).status === 0

/** A wheel of the right shape in a few bytes; `tampered` changes the library after its hash was taken. */
function makeWheel(name: string, tampered: boolean): string {
  const path = join(folder, name)
  const program = `
import base64, hashlib, sys, zipfile
include = "tensorflow/include/tensorflow/c/"
files = {
    "tensorflow/libtensorflow_cc.so.2": b"library",
    "tensorflow/libtensorflow_framework.so.2": b"framework",
    include + "c_api.h": b'#include "tensorflow/c/tf_status.h"',
    include + "tf_status.h": b"",
    include + "unreached.h": b"",
}
encode = lambda data: base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
record = "".join(f"{name},sha256={encode(data)},{len(data)}\\n" for name, data in files.items())
if sys.argv[2] == "true":
    files["tensorflow/libtensorflow_cc.so.2"] = b"another"
with zipfile.ZipFile(sys.argv[1], "w") as wheel:
    for name, data in {**files, "tensorflow_cpu-1.0.dist-info/RECORD": record}.items():
        wheel.writestr(name, data)
`
  expect(spawnSync('python3', ['-c', program, path, String(tampered)]).status).toBe(0)
  return path
}

function unpack(wheel: string, target: string) {
  const script = join(SCRIPTS, 'unpack-libtensorflow.py')
  return spawnSync('python3', [script, wheel, target], { encoding: 'utf8' })
}

describe.runIf(hasPython)('unpack-libtensorflow.py', () => {
  test('takes the libraries and only the headers that are reached', () => {
    const target = join(folder, 'good')

    expect(unpack(makeWheel('good.whl', false), target)).toMatchObject({ status: 0, stderr: '' })

    expect(readFileSync(join(target, 'lib/libtensorflow_cc.so.2'), 'utf8')).toBe('library')
    const headers = readdirSync(join(target, 'include/tensorflow/c'))
    expect(headers.sort()).toEqual(['c_api.h', 'tf_status.h'])
  })

  test('refuses a file that does not match its hash', () => {
    const run = unpack(makeWheel('bad.whl', true), join(folder, 'bad'))

    expect(run.status).not.toBe(0)
    expect(run.stderr).toContain('libtensorflow_cc.so.2 does not match the sha256')
  })

  test('fails on a wheel that was cut short', () => {
    const wheel = makeWheel('cut.whl', false)
    writeFileSync(wheel, readFileSync(wheel).subarray(0, 200))

    expect(unpack(wheel, join(folder, 'cut')).status).not.toBe(0)
    expect(existsSync(join(folder, 'cut'))).toBe(false)
  })
})
