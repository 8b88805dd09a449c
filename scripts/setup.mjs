// Makes a clone ready: dependencies, then the native add-ons. Fast when nothing changed.
// `--retry` tries again what could not be built the last time.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { buildKernels } from '../packages/train/scripts/build-kernels.mjs'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const STAMP = `${ROOT}node_modules/.perennial-setup.json`

checkNode()
const key = currentKey()
const stamp = readStamp()
const isCurrent = stamp?.key === key && stamp.needs.every((path) => existsSync(path))
// Their sources change more often than what is installed, and the compiler only stands here after an install.
if (isCurrent) await buildAllKernels()
if (isCurrent && (stamp.ok || !process.argv.includes('--retry'))) {
  for (const line of stamp.lost) say(`${line} (npm run setup tries again)`)
} else {
  await setUp()
}

async function setUp() {
  const start = Date.now()
  const { runPnpm } = await import('./pnpm.mjs')
  const status = runPnpm(['install', '--frozen-lockfile'])
  if (status !== 0) {
    say(`set-up: pnpm install failed (exit ${status}); its message is above.`)
    process.exit(status)
  }
  await buildAllKernels()
  const { stageLibtensorflow } = await import('../packages/train/scripts/stage-libtensorflow.mjs')
  const { buildHnswlib } = await import('../packages/serve/scripts/build-hnswlib.mjs')
  const results = [await buildHnswlib(), await stageLibtensorflow()]
  for (const { line } of results) say(line)
  const needs = results.flatMap(({ files }) => files)
  const lost = results.filter(({ ok }) => !ok).map(({ line }) => line)
  writeStamp({ key, ok: lost.length === 0, needs, lost })
  say(`set-up: done in ${Math.round((Date.now() - start) / 1000)} s`)
}

async function buildAllKernels() {
  await buildKernels(`${ROOT}packages/train/`)
  await buildKernels(`${ROOT}packages/serve/`, ['simd'])
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) {
    if (major > 24) say(`set-up: Node ${process.versions.node} is newer than the tested 20 to 24.`)
    return
  }
  say(`set-up: Node 20.19 to 24 is needed, this is ${process.versions.node}.`)
  process.exit(1)
}

function currentKey() {
  const lockfile = readFileSync(`${ROOT}pnpm-lock.yaml`)
  const { modules } = process.versions
  const place = `${ROOT} ${process.platform} ${process.arch} ${modules}`
  return createHash('sha256').update(lockfile).update(place).digest('hex')
}

function readStamp() {
  try {
    return JSON.parse(readFileSync(STAMP, 'utf8'))
  } catch {
    return undefined
  }
}

function writeStamp(content) {
  writeFileSync(`${STAMP}.${process.pid}`, JSON.stringify(content))
  renameSync(`${STAMP}.${process.pid}`, STAMP)
}

function say(line) {
  process.stderr.write(`${line}\n`)
}
