// The three places a libtensorflow can come from. Each returns `{ dir }`, a complete folder of the
// per-user cache (`lib`, `include` and perhaps `addon`), or `{ problem }`, or `{}` to be passed over.
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import { basename, delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { nodeGypEnv, runStep } from './native-build.mjs'

const WHEEL_VERSION = '2.21.0'
const NEEDED_BYTES = 1.6e9
const ABANDONED_AFTER_MS = 3_600_000
const SCRIPTS = dirname(fileURLToPath(import.meta.url))
const PLATFORM = `${process.platform}-${process.arch}`

/** Newest library of the cache. A folder there is complete: it is renamed into place last. */
export function fromCache() {
  const cache = cacheDir()
  for (const name of readdirSync(cache).filter((entry) => entry.startsWith('.'))) {
    const { mtimeMs } = statSync(join(cache, name))
    if (Date.now() - mtimeMs > ABANDONED_AFTER_MS) rmSync(join(cache, name), { recursive: true })
  }
  const newest = readdirSync(cache)
    .filter((name) => name.startsWith('libtensorflow-') && name.endsWith(PLATFORM))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .at(-1)
  return newest ? { dir: join(cache, newest) } : {}
}

/**
 * The package's own installer. It runs in a copy beside the package, where its dependencies resolve
 * too: it rewrites package.json and leaves half a library behind when it fails.
 */
export async function fromOfficialDownload(packageDir) {
  const copy = mkdtempSync(join(dirname(packageDir), `.${basename(packageDir)}-`))
  try {
    cpSync(packageDir, copy, {
      recursive: true,
      filter: (path) => !['deps', 'lib', 'build'].includes(path.slice(packageDir.length + 1)),
    })
    const bin = join(copy, '.bin')
    mkdirSync(bin)
    symlinkSync(nodePreGypPath(packageDir), join(bin, 'node-pre-gyp'))
    const run = await runStep(
      'downloading libtensorflow with the installer of tfjs-node',
      process.execPath,
      ['scripts/install.js'],
      {
        cwd: copy,
        timeoutMs: 600_000,
        stallMs: 30_000,
        progress: () => sizeOf(copy),
        env: { ...nodeGypEnv([SCRIPTS]), PATH: `${bin}${delimiter}${process.env.PATH}` },
      },
    )
    const lib = join(copy, 'deps/lib')
    const libraries = existsSync(lib) ? readdirSync(lib) : []
    // A killed or failed run leaves a cut library; it ends well only when the add-on loads beside it.
    if (!run.ok || libraries.length === 0)
      return { problem: `own installer: ${run.problem || 'brought no library'}` }
    if (existsSync(join(copy, 'lib'))) renameSync(join(copy, 'lib'), join(copy, 'deps/addon'))
    const load = createRequire(join(copy, 'package.json'))
    const { LIBTENSORFLOW_VERSION } = load('./scripts/deps-constants.js')
    return { dir: keep(join(copy, 'deps'), LIBTENSORFLOW_VERSION) }
  } catch (error) {
    return { problem: `own installer: ${error.message}` }
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

/** The library inside the `tensorflow-cpu` wheel. pip checks the wheel's hash, the unpacker each file's. */
export async function fromWheel() {
  if (process.platform !== 'linux') return { problem: 'wheel: holds the library for Linux only' }
  if (existsSync(cachePath(WHEEL_VERSION))) return {}
  const compiler = await runStep('', process.env.CXX || 'g++', ['--version'], { timeoutMs: 10_000 })
  if (!compiler.ok) return { problem: 'wheel: no g++ to build the add-on with' }
  const { bavail, bsize } = statfsSync(cacheDir())
  if (bavail * bsize < NEEDED_BYTES) return { problem: `wheel: needs 1.6 GB in ${cacheDir()}` }
  const work = mkdtempSync(join(cacheDir(), '.staging-'))
  try {
    const pip = await pipDownload(work)
    const wheel = readdirSync(work).find((name) => name.endsWith('.whl'))
    if (!pip.ok || !wheel) return { problem: `pip: ${pip.problem || 'brought no wheel'}` }
    const unpacked = join(work, 'unpacked')
    const unpack = await runStep(
      'unpacking libtensorflow (850 MB)',
      'python3',
      [join(SCRIPTS, 'unpack-libtensorflow.py'), join(work, wheel), unpacked],
      { timeoutMs: 300_000 },
    )
    if (!unpack.ok) return { problem: `unpacking: ${unpack.problem}` }
    return { dir: keep(unpacked, WHEEL_VERSION) }
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** Path of node-pre-gyp's command among the dependencies of tfjs-node. */
export function nodePreGypPath(packageDir) {
  const { resolve } = createRequire(join(packageDir, 'package.json'))
  const manifest = resolve('@mapbox/node-pre-gyp/package.json')
  return join(dirname(manifest), 'bin/node-pre-gyp')
}

function pipDownload(folder) {
  // The Python tags are fixed because only the C library is used: any python3 may fetch it.
  const machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64'
  const platforms = ['manylinux_2_27', 'manylinux_2_17', 'manylinux2014']
  const tags = ['--implementation', 'cp', '--python-version', '3.11', '--abi', 'cp311'].concat(
    platforms.flatMap((platform) => ['--platform', `${platform}_${machine}`]),
  )
  const quiet = ['--no-cache-dir', '--no-input', '--disable-pip-version-check']
  const args = ['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', ...quiet, ...tags]
  return runStep(
    `downloading tensorflow-cpu ${WHEEL_VERSION} with pip (270 MB)`,
    'python3',
    [...args, '-d', folder, `tensorflow-cpu==${WHEEL_VERSION}`],
    { timeoutMs: 900_000 },
  )
}

function cacheDir() {
  const dir = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'perennial')
  mkdirSync(dir, { recursive: true })
  return dir
}

function cachePath(version) {
  return join(cacheDir(), `libtensorflow-${version}-${PLATFORM}`)
}

/** Moves a complete folder into the cache; where another set-up was faster, its folder stays. */
function keep(dir, version) {
  const target = cachePath(version)
  const staged = join(cacheDir(), `.keep-${process.pid}`)
  // The cache may lie on another file system, which a rename cannot reach.
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

function sizeOf(dir) {
  let bytes = 0
  for (const name of readdirSync(dir, { recursive: true })) {
    bytes += lstatSync(join(dir, name), { throwIfNoEntry: false })?.size ?? 0
  }
  return bytes
}
