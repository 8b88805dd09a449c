// Makes @tensorflow/tfjs-node work: stages libtensorflow, builds the add-on, proves it.
// Its own installer fails on many networks (tensorflow/tfjs issue 8742); the library inside the
// `tensorflow-cpu` Python wheel exports the same C interface, so the unchanged add-on builds on it.
// Nothing here fails an install: where nothing works, training runs on the wasm engine.
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  fromCache,
  fromOfficialDownload,
  fromWheel,
  nodePreGypPath,
} from './libtensorflow-sources.mjs'
import { nodeGypEnv, runStep, say } from './native-build.mjs'

const LOST = 'training runs on the wasm engine, which needs nothing native, and cannot use a GPU'
const WAY_OUT =
  'install g++, make and python3 with pip, and let pip reach an index that has tensorflow-cpu'

/** Stages, builds and proves; returns `{ ok, line, files }`: what the user reads, what must stay in place. */
export async function stageLibtensorflow() {
  const packageDir = findTfjsNode()
  if (!packageDir) return lost('@tensorflow/tfjs-node is not installed', 'install that package')
  const ready = await prove(packageDir)
  if (ready.ok) return ready
  try {
    return await stageAndBuild(packageDir)
  } catch (error) {
    return lost(error.message, 'mend that')
  }
}

function findTfjsNode() {
  try {
    const require = createRequire(import.meta.url)
    return dirname(require.resolve('@tensorflow/tfjs-node/package.json'))
  } catch {
    return undefined
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
  return lost(problems.join('; '), WAY_OUT)
}

function lost(problem, wayOut) {
  return {
    ok: false,
    files: [],
    line: `tfjs-node: not available, so ${LOST} (${problem}). To get it: ${wayOut}, then run set-up again.`,
  }
}

/** Puts the library under every name that the linker and the loader ask for. */
function link(dir, packageDir) {
  const deps = join(packageDir, 'deps')
  rmSync(deps, { recursive: true, force: true })
  mkdirSync(join(deps, 'lib'), { recursive: true })
  linkOrCopy(join(dir, 'include'), join(deps, 'include'))
  const lib = join(dir, 'lib')
  for (const name of readdirSync(lib)) linkOrCopy(join(lib, name), join(deps, 'lib', name))
  if (process.platform !== 'linux') return
  for (const [name, wheelName] of [
    ['libtensorflow', 'libtensorflow_cc.so.2'],
    ['libtensorflow_framework', 'libtensorflow_framework.so.2'],
  ]) {
    if (!existsSync(join(lib, wheelName))) continue
    for (const suffix of ['.so', '.so.2', '.so.2.9.1']) {
      const target = join(deps, 'lib', name + suffix)
      if (!lstatSync(target, { throwIfNoEntry: false })) linkOrCopy(join(lib, wheelName), target)
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
  const build = await runStep(
    'building the add-on of tfjs-node',
    process.execPath,
    [nodePreGypPath(packageDir), 'install', '--build-from-source'],
    {
      cwd: packageDir,
      timeoutMs: 300_000,
      env: nodeGypEnv([dirname(fileURLToPath(import.meta.url)), process.cwd()]),
    },
  )
  rmSync(join(packageDir, 'build'), { recursive: true, force: true })
  return build.ok ? prove(packageDir) : { ok: false, problem: `building: ${build.problem}` }
}

/** The add-on and the libraries it opens, or nothing where either is missing. */
function stagedFiles(packageDir) {
  const [libraries, addons] = ['deps/lib', 'lib'].map((dir) => {
    const path = join(packageDir, dir)
    return existsSync(path)
      ? readdirSync(path, { recursive: true }).map((name) => join(path, name))
      : []
  })
  return libraries.length > 0 && addons.some((path) => path.endsWith('.node'))
    ? [...addons, ...libraries]
    : []
}

/** Multiplies two matrices in a process of its own, where a crash costs nothing. */
async function prove(packageDir) {
  const files = stagedFiles(packageDir)
  if (files.length === 0) return { ok: false, problem: 'no add-on' }
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
    env: { TF_CPP_MIN_LOG_LEVEL: '3', TF_ENABLE_ONEDNN_OPTS: '0' },
    cwd: tmpdir(),
  })
  if (!run.ok) return { ok: false, problem: `loading: ${run.problem}` }
  return { ok: true, files, line: `tfjs-node: ok, libtensorflow ${run.stdout.trim()}` }
}

if (process.argv[1] && fileURLToPath(import.meta.url) === realpathSync(process.argv[1])) {
  const result = await stageLibtensorflow()
  say(result.line)
}
