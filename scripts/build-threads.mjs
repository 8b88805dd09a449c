// Compiles the packages with threads before tests, since threads cannot run TypeScript.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const PACKAGES = ['packages/train', 'packages/serve']

/**
 * Runs once before all tests; an up-to-date build takes half a second.
 *
 * Errors of types are printed and left to the type check: the compiler writes its output beside them.
 */
export function setup() {
  const compiler = `${ROOT}node_modules/typescript/bin/tsc`
  const folders = PACKAGES.map((folder) => ROOT + folder)
  const { error } = spawnSync(process.execPath, [compiler, '-b', ...folders], { stdio: 'inherit' })
  if (error) throw error
}
