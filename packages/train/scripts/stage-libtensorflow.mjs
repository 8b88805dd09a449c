// Makes @tensorflow/tfjs-node work: stages libtensorflow, builds the add-on, proves it.
// Its own installer fails on many networks (tensorflow/tfjs issue 8742); the library inside the
// `tensorflow-cpu` Python wheel exports the same C interface, so the unchanged add-on builds on it.
// Nothing here fails an install: where nothing works, training runs on tf.js' portable backend.
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  symlinkSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { homedir, tmpdir } from 'node:os'
import { basename, delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { nodeGypEnv, runStep, say } from './native-build.mjs'

const WHEEL_VERSION = '2.21.0'
const NEEDED_BYTES = 1.6e9
const SCRIPTS = dirname(fileURLToPath(import.meta.url))
const PLATFORM = `${process.platform}-${process.arch}`
const LOST =
  'training uses the portable wasm backend, about ten times slower: fine for tests and the quickstart'

/** Stages, builds and proves; returns `{ ok, line }`, the line being what the user reads. */
export async function stageLibtensorflow() {
  const packageDir = findTfjsNode()
  if (!packageDir) return lost('@tensorflow/tfjs-node is not installed', 'install it')
  const ready = await prove(packageDir)
  if (ready.ok) return ready
  try {
    return await stageAndBuild(packageDir)
  } catch (error) {
    return lost(error.message, 'repair that')
  }
}

async function stageAndBuild(packageDir) {
  const problems = []
  for (const source of [fromCache, fromOfficialDownload, fromWheel]) {
    const staged = await source(packageDir)
    if (staged.problem) problems.push(staged.problem)
    if (!staged.dir) continue
    link(staged.dir, packageDir)
    const built = await buildAddon(staged.dir, packageDir)
    if (built.ok) return built
    problems.push(built.problem)
  }
  // Without this the loader would pay for a failing load of the library on each start.
  rmSync(join(packageDir, 'lib'), { recursive: true, force: true })
  return lost(problems.join('; '), 'needs python3 with pip, g++, make and a package index that has the tensorflow-cpu wheel')
}

function lost(problem, wayOut) {
  return { ok: false, line: `tfjs-node: not available (${problem}): ${LOST}. To get it: ${wayOut}, then run this again.` }
}

function findTfjsNode() {
  try {
    const require = createRequire(import.meta.url)
    return dirname(require.resolve('@tensorflow/tfjs-node/package.json'))
  } catch {
    return undefined
  }
}

function cacheDir() {
  const dir = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'perennial')
  mkdirSync(dir, { recursive: true })
  return dir
}

/** Newest complete library of the cache. A folder there is complete: it is renamed into place last. */
function fromCache() {
  const names = readdirSync(cacheDir()).filter((name) => /^libtensorflow-[\d.]+-/.test(name) && name.endsWith(PLATFORM))
  const newest = names.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1)
  return newest ? { dir: join(cacheDir(), newest) } : {}
}

/** The package's own installer, in a copy beside the package: it rewrites package.json and cleans badly after a failure. */
async function fromOfficialDownload(packageDir) {
  const copy = mkdtempSync(join(dirname(packageDir), `.${basename(packageDir)}-`))
  try {
    cpSync(packageDir, copy, {
      recursive: true,
      filter: (path) => !['deps', 'lib', 'build', 'node_modules'].includes(path.slice(packageDir.length + 1)),
    })
    const bin = join(copy, '.bin')
    linkNodePreGyp(packageDir, bin)
    const run = await runStep('downloading libtensorflow (official)', process.execPath, ['scripts/install.js'], {
      cwd: copy,
      timeoutMs: 600_000,
      stallMs: 20_000,
      progress: () => sizeOf(copy),
      env: { ...nodeGypEnv([SCRIPTS, process.cwd()]), PATH: `${bin}${delimiter}${process.env.PATH}` },
    })
    const library = readdirSync(join(copy, 'deps/lib'), { withFileTypes: true }).find((file) => file.isFile())
    if (!library) return { problem: `official download: ${run.problem}` }
    const { LIBTENSORFLOW_VERSION } = createRequire(import.meta.url)(join(copy, 'scripts/deps-constants.js'))
    if (existsSync(join(copy, 'lib'))) renameSync(join(copy, 'lib'), join(copy, 'deps/addon'))
    return { dir: keep(join(copy, 'deps'), LIBTENSORFLOW_VERSION) }
  } catch (error) {
    return { problem: `official download: ${error.message}` }
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

/** The C library inside the `tensorflow-cpu` wheel. pip checks the wheel's hash, the unpacker each file's. */
async function fromWheel() {
  if (process.platform !== 'linux') return { problem: 'wheel: has the library for Linux only' }
  const { bavail, bsize } = statfsSync(cacheDir())
  if (bavail * bsize < NEEDED_BYTES) return { problem: `wheel: needs 1.6 GB free in ${cacheDir()}` }
  const work = mkdtempSync(join(cacheDir(), '.staging-'))
  try {
    const python = process.platform === 'win32' ? 'python' : 'python3'
    // The tags are pinned because only the C library is used: any python3 may fetch it.
    const machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64'
    const platforms = ['manylinux_2_27', 'manylinux_2_17', 'manylinux2014'].flatMap((tag) => ['--platform', `${tag}_${machine}`])
    const pip = await runStep(`downloading tensorflow-cpu ${WHEEL_VERSION} with pip (270 MB)`, python, [
      '-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', '--no-cache-dir', '--disable-pip-version-check', '--no-input',
      '--implementation', 'cp', '--python-version', '3.11', '--abi', 'cp311', ...platforms,
      '-d', work, `tensorflow-cpu==${WHEEL_VERSION}`,
    ], { timeoutMs: 900_000 })
    const wheel = readdirSync(work).find((name) => name.endsWith('.whl'))
    if (!pip.ok || !wheel) return { problem: `pip: ${pip.problem || 'gave no wheel'}` }
    const unpacked = join(work, 'unpacked')
    const unpack = await runStep('unpacking libtensorflow (850 MB)', python, [join(SCRIPTS, 'unpack-libtensorflow.py'), join(work, wheel), unpacked], { timeoutMs: 300_000 })
    if (!unpack.ok) return { problem: `unpack: ${unpack.problem}` }
    return { dir: keep(unpacked, WHEEL_VERSION) }
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** Moves a complete folder into the cache; another set-up that was faster wins. */
function keep(dir, version) {
  const target = join(cacheDir(), `libtensorflow-${version}-${PLATFORM}`)
  const staged = join(cacheDir(), `.keep-${process.pid}`)
  // The cache may lie on another file system, where a rename is not possible: copy, then rename.
  try {
    renameSync(dir, staged)
  } catch {
    cpSync(dir, staged, { recursive: true, verbatimSymlinks: true })
  }
  try {
    renameSync(staged, target)
  } catch {
    rmSync(staged, { recursive: true, force: true })
  }
  if (!existsSync(target)) throw new Error(`cannot write ${target}`)
  return target
}

/** Gives the add-on the names it was linked against, whatever the library calls itself. */
function link(dir, packageDir) {
  const deps = join(packageDir, 'deps')
  rmSync(deps, { recursive: true, force: true })
  mkdirSync(join(deps, 'lib'), { recursive: true })
  linkOrCopy(join(dir, 'include'), join(deps, 'include'))
  const lib = join(dir, 'lib')
  for (const name of readdirSync(lib)) linkOrCopy(join(lib, name), join(deps, 'lib', name))
  if (process.platform !== 'linux') return
  for (const [name, source] of [['libtensorflow', 'libtensorflow_cc.so.2'], ['libtensorflow_framework', 'libtensorflow_framework.so.2']]) {
    if (!existsSync(join(lib, source))) continue
    for (const suffix of ['.so', '.so.2', '.so.2.9.1']) {
      const target = join(deps, 'lib', name + suffix)
      if (!lstatSync(target, { throwIfNoEntry: false })) linkOrCopy(join(lib, source), target)
    }
  }
}

function linkOrCopy(source, target) {
  try {
    symlinkSync(source, target)
  } catch {
    cpSync(source, target, { recursive: true })
  }
}

async function buildAddon(dir, packageDir) {
  rmSync(join(packageDir, 'lib'), { recursive: true, force: true })
  if (existsSync(join(dir, 'addon'))) {
    cpSync(join(dir, 'addon'), join(packageDir, 'lib'), { recursive: true })
    const ready = await prove(packageDir)
    if (ready.ok) return ready
  }
  const nodePreGyp = nodePreGypPath(packageDir)
  const build = await runStep('building the tfjs-node add-on', process.execPath, [nodePreGyp, 'install', '--build-from-source'], {
    cwd: packageDir,
    timeoutMs: 300_000,
    env: nodeGypEnv([SCRIPTS, process.cwd()]),
  })
  rmSync(join(packageDir, 'build'), { recursive: true, force: true })
  return build.ok ? prove(packageDir) : { ok: false, problem: `build: ${build.problem}` }
}

function nodePreGypPath(packageDir) {
  const require = createRequire(join(packageDir, 'package.json'))
  return join(dirname(require.resolve('@mapbox/node-pre-gyp/package.json')), 'bin/node-pre-gyp')
}

function linkNodePreGyp(packageDir, bin) {
  mkdirSync(bin)
  symlinkSync(nodePreGypPath(packageDir), join(bin, 'node-pre-gyp'))
}

function sizeOf(dir) {
  let bytes = 0
  for (const entry of readdirSync(dir, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) bytes += lstatSync(join(entry.parentPath ?? entry.path, entry.name), { throwIfNoEntry: false })?.size ?? 0
  }
  return bytes
}

/** Loads the add-on in a process of its own, where a crash costs nothing, and multiplies two matrices. */
async function prove(packageDir) {
  const addon = existsSync(join(packageDir, 'lib')) && readdirSync(join(packageDir, 'lib')).length > 0
  if (!addon) return { ok: false, problem: 'no add-on' }
  const program = `
    const util = require('util')
    util.isNullOrUndefined ??= (value) => value == null
    util.isArray ??= Array.isArray
    const tf = require(${JSON.stringify(packageDir)})
    const product = tf.matMul(tf.tensor2d([[1, 2], [3, 4]]), tf.tensor2d([[5, 6], [7, 8]])).dataSync()
    if (product.join() !== '19,22,43,50') throw new Error('error: wrong product ' + product)
    console.log(tf.backend().binding.TF_Version)`
  const run = await runStep('trying tfjs-node', process.execPath, ['-e', program], {
    timeoutMs: 120_000,
    env: { TF_CPP_MIN_LOG_LEVEL: '3' },
    cwd: tmpdir(),
  })
  if (!run.ok) return { ok: false, problem: `load: ${run.problem}` }
  return { ok: true, line: `tfjs-node: ok, libtensorflow ${run.stdout.trim()}` }
}

if (process.argv[1] && fileURLToPath(import.meta.url) === realpathSync(process.argv[1])) {
  const result = await stageLibtensorflow()
  say(result.line)
}
