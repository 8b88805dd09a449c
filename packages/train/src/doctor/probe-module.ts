import { execFile } from 'node:child_process'
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { DoctorCheck } from './doctor.ts'

const TIMEOUT_MS = 30_000

/**
 * Returns whether a native module of the serving side loads.
 *
 * It is looked for from `folder`, from the `@perennial/serve` that `folder` sees, and from the
 * `packages/serve` of a clone. It is loaded in a process of its own, where a crash costs nothing.
 */
export async function probeModule(name: string, folder: string): Promise<DoctorCheck> {
  const serve = findPackage('@perennial/serve', folder)
  const places = [folder, serve, join(folder, 'packages/serve')].filter(
    (place) => place !== undefined && existsSync(place),
  ) as string[]
  const path = places.map((place) => findPackage(name, place)).find((found) => found)
  if (!path) {
    const found = `not found from ${places.join(', ')}`
    return { name, ok: false, found, wayOut: 'only serving needs it: install @perennial/serve' }
  }
  const problem = await tryLoad(path)
  const { version } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'))
  if (problem === undefined) return { name, ok: true, found: `${version} in ${path}` }
  return {
    name,
    ok: false,
    found: `${version} in ${path} does not load: ${problem}`,
    wayOut: `\`npm run setup\` in a clone of Perennial, else \`npm rebuild ${name}\` (needs g++, make, python3)`,
  }
}

/** The folder of an installed package. Its `exports` may hide package.json, so folders are looked at. */
function findPackage(name: string, from: string): string | undefined {
  const folders = createRequire(join(from, 'package.json')).resolve.paths(name) ?? []
  const found = folders.map((dir) => join(dir, name)).find((dir) => existsSync(dir))
  return found && realpathSync(found)
}

function tryLoad(path: string): Promise<string | undefined> {
  const args = ['-e', `require(${JSON.stringify(path)})`]
  return new Promise((resolve) => {
    execFile(process.execPath, args, { timeout: TIMEOUT_MS }, (error, _stdout, stderr) => {
      if (!error) return resolve(undefined)
      const line = stderr.split('\n').find((text) => /^\w*Error:/.test(text))
      resolve((line ?? error.message.split('\n', 1)[0] ?? '').replace(/^Error: /, ''))
    })
  })
}
