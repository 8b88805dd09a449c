// Compiles the WebAssembly kernels of a package, with relaxed SIMD or without.
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
const FLAGS = [
  ...['-O3', '--converge', '--noAssert', '--runtime', 'stub'],
  ...['--enable', 'simd', '--enable', 'threads'],
  ...['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
]
const BUILDS = { simd: [], 'relaxed-simd': ['--enable', 'relaxed-simd'] }

/** Returns the hash of all that the compiled kernels depend on. */
function kernelsHash(sources) {
  const hash = createHash('sha256').update(readFileSync(fileURLToPath(import.meta.url)))
  for (const name of readdirSync(sources).sort()) hash.update(readFileSync(sources + name))
  return hash.digest('hex')
}

/**
 * Compiles `kernels/` to `wasm/` unless that is current. Throws with the compiler's words when it does not compile.
 *
 * @param packageDir - Folder of the package, with a slash at its end; this one when it is left out.
 * @param builds - Names of {@link BUILDS}; all of them when they are left out.
 */
export async function buildKernels(packageDir = PACKAGE, builds = Object.keys(BUILDS)) {
  const sources = `${packageDir}kernels/`
  const output = `${packageDir}wasm/`
  const stamp = `${output}sources.sha256`
  const current = kernelsHash(sources)
  const files = [stamp, ...builds.map((name) => `${output}kernels.${name}.wasm`)]
  if (files.every((path) => existsSync(path)) && readFileSync(stamp, 'utf8') === current) return
  const { default: asc } = await import('assemblyscript/asc')
  mkdirSync(output, { recursive: true })
  for (const name of builds) {
    const outputs = new Map()
    const { error, stderr } = await asc.main(
      ['index.ts', '--outFile', 'kernels.wasm', ...FLAGS, ...BUILDS[name]],
      {
        readFile: (path) =>
          existsSync(sources + path) ? readFileSync(sources + path, 'utf8') : null,
        writeFile: (path, content) => outputs.set(path, content),
        listFiles: () => [],
      },
    )
    if (error) throw new Error(`${error.message}\n${stderr}`)
    replace(`${output}kernels.${name}.wasm`, outputs.get('kernels.wasm'))
  }
  replace(stamp, current)
}

function replace(path, content) {
  writeFileSync(`${path}.${process.pid}`, content)
  renameSync(`${path}.${process.pid}`, path)
}
