// Compiles the kernels of the wasm engine, twice: with and without relaxed SIMD.
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { fileURLToPath } from 'node:url'

const PACKAGE = fileURLToPath(new URL('..', import.meta.url))
const SOURCES = `${PACKAGE}kernels/`
const OUTPUT = `${PACKAGE}wasm/`
const STAMP = `${OUTPUT}sources.sha256`
const FLAGS = [
  ...['-O3', '--converge', '--noAssert', '--runtime', 'stub'],
  ...['--enable', 'simd', '--enable', 'threads'],
  ...['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
]
const BUILDS = { simd: [], 'relaxed-simd': ['--enable', 'relaxed-simd'] }

/** Returns the hash of all that the compiled kernels depend on. */
export function kernelsHash() {
  const hash = createHash('sha256').update(readFileSync(fileURLToPath(import.meta.url)))
  for (const name of readdirSync(SOURCES).sort()) hash.update(readFileSync(SOURCES + name))
  return hash.digest('hex')
}

/** Compiles the kernels unless they are current. Throws with the compiler's words when they do not compile. */
export async function buildKernels() {
  const current = kernelsHash()
  const files = [STAMP, ...Object.keys(BUILDS).map((name) => `${OUTPUT}kernels.${name}.wasm`)]
  if (files.every((path) => existsSync(path)) && readFileSync(STAMP, 'utf8') === current) return
  const { default: asc } = await import('assemblyscript/asc')
  mkdirSync(OUTPUT, { recursive: true })
  for (const [name, flags] of Object.entries(BUILDS)) {
    const outputs = new Map()
    const { error, stderr } = await asc.main(
      ['index.ts', '--outFile', 'kernels.wasm', ...FLAGS, ...flags],
      {
        readFile: (path) =>
          existsSync(SOURCES + path) ? readFileSync(SOURCES + path, 'utf8') : null,
        writeFile: (path, content) => outputs.set(path, content),
        listFiles: () => [],
      },
    )
    if (error) throw new Error(`${error.message}\n${stderr}`)
    replace(`${OUTPUT}kernels.${name}.wasm`, outputs.get('kernels.wasm'))
  }
  replace(STAMP, current)
}

function replace(path, content) {
  writeFileSync(`${path}.${process.pid}`, content)
  renameSync(`${path}.${process.pid}`, path)
}
