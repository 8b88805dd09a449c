import { execFile } from 'node:child_process'
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const PACKAGES = fileURLToPath(new URL('../../', import.meta.url))

/**
 * Compiles train and core from source into a folder, for tests that need a process of their own.
 *
 * Works in a fresh clone and leaves `dist` alone. Types are not checked.
 *
 * @param folder - An empty folder.
 * @returns Folder of the compiled package; `src/index.js` in it is its entry.
 */
export async function buildTrainPackage(folder: string): Promise<string> {
  const config = {
    extends: join(PACKAGES, '../tsconfig.base.json'),
    compilerOptions: {
      composite: false,
      declaration: false,
      declarationMap: false,
      isolatedDeclarations: false,
      sourceMap: false,
      noCheck: true,
      types: [],
      rootDir: PACKAGES,
      outDir: folder,
    },
    // What is only reached through node_modules is not compiled, so core is named too.
    files: [
      'core/src/index.ts',
      'core/src/testing.ts',
      'train/src/index.ts',
      'train/src/cli.ts',
      // What threads run is reached by its file name alone.
      'train/src/engine/wasm/thread.ts',
      'train/src/engine/wasm/webassembly.d.ts',
    ].map((path) => join(PACKAGES, path)),
  }
  const configFile = join(folder, 'tsconfig.json')
  await writeFile(configFile, JSON.stringify(config))
  const compiler = join(PACKAGES, '../node_modules/typescript/bin/tsc')
  await promisify(execFile)(process.execPath, [compiler, '-p', configFile])
  for (const name of ['core', 'train']) await linkDependencies(folder, name)
  await link(join(PACKAGES, 'train/wasm'), join(folder, 'train/wasm'))
  return join(folder, 'train')
}

/** Gives a compiled package its dependencies: ours as compiled, the others as installed. */
async function linkDependencies(folder: string, name: string): Promise<void> {
  const manifest = JSON.parse(await readFile(join(PACKAGES, name, 'package.json'), 'utf8'))
  manifest.exports = { '.': './src/index.js', './testing': './src/testing.js' }
  await writeFile(join(folder, name, 'package.json'), JSON.stringify(manifest))
  const installed = join(PACKAGES, name, 'node_modules')
  for (const entry of await readdir(installed)) {
    if (entry === '@perennial' || entry.startsWith('.')) continue
    await link(join(installed, entry), join(folder, name, 'node_modules', entry))
  }
  await link(join(folder, 'core'), join(folder, name, 'node_modules/@perennial/core'))
}

async function link(target: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await symlink(target, path)
}
