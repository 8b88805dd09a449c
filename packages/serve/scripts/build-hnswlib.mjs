// Builds hnswlib-node, which ships no binary, and proves it with a search.
// Nothing here fails an install: where it cannot be built, serving uses the exact index.
// Repository only, so the helper may come from train: an npm consumer's npm builds hnswlib-node by itself.
import { realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findNodeGyp, nodeGypEnv, runStep, say } from '../../train/scripts/native-build.mjs'

const LOST = 'serving uses the exact index: the same answers, slower above some 100,000 items'
const WAY_OUT = "needs g++, make, python3 and Node's headers (or npm_config_nodedir)"

/** Builds and proves; returns `{ ok, line, files }`: what the user reads, what must stay in place. */
export async function buildHnswlib() {
  const packageDir = findHnswlib()
  if (!packageDir) return lost('hnswlib-node is not installed')
  const ready = await prove(packageDir)
  if (ready.ok) return ready
  const fromDirs = [process.cwd()]
  const nodeGyp = findNodeGyp(fromDirs)
  if (!nodeGyp) return lost('no node-gyp found')
  const build = await runStep('building hnswlib-node', process.execPath, [nodeGyp, 'rebuild'], {
    cwd: packageDir,
    timeoutMs: 300_000,
    env: nodeGypEnv(fromDirs),
  })
  if (!build.ok) return lost(build.problem)
  const built = await prove(packageDir)
  return built.ok ? built : lost(built.problem)
}

function lost(problem) {
  return {
    ok: false,
    files: [],
    line: `hnswlib-node: not available (${problem}): ${LOST}. To get it: ${WAY_OUT}, then run this again.`,
  }
}

function findHnswlib() {
  try {
    return dirname(createRequire(import.meta.url).resolve('hnswlib-node/package.json'))
  } catch {
    return undefined
  }
}

async function prove(packageDir) {
  const program = `
    const { HierarchicalNSW } = require(${JSON.stringify(packageDir)})
    const index = new HierarchicalNSW('ip', 2)
    index.initIndex(2)
    index.addPoint([1, 0], 0)
    index.addPoint([0, 1], 1)
    if (index.searchKnn([0, 1], 1).neighbors[0] !== 1) throw new Error('error: wrong neighbour')`
  const run = await runStep('trying hnswlib-node', process.execPath, ['-e', program], {
    timeoutMs: 30_000,
  })
  const files = [join(packageDir, 'build/Release/addon.node')]
  if (!run.ok) return { ok: false, problem: run.problem }
  return { ok: true, files, line: 'hnswlib-node: ok' }
}

if (process.argv[1] && fileURLToPath(import.meta.url) === realpathSync(process.argv[1])) {
  const result = await buildHnswlib()
  say(result.line)
}
