import { cp, mkdir, mkdtemp, readdir, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/**
 * Copies the example in Next.js into a folder of its own, with the packages in its `node_modules` as an install from a
 * registry leaves them. In a workspace they are links to folders outside `node_modules`, where Next.js bundles them
 * whatever its settings say.
 *
 * @param root - The repository; packages must be built.
 * @returns The folder, a new one below `docs/dist`.
 */
export async function copyNextExample(root: string): Promise<string> {
  await mkdir(join(root, 'docs/dist'), { recursive: true })
  const folder = await mkdtemp(join(root, 'docs/dist/next-'))
  await cp(join(root, 'docs/examples/next'), folder, {
    recursive: true,
    filter: (path) => !/[/\\](\.next|next-env\.d\.ts)$/.test(path),
  })
  const modules = join(folder, 'node_modules')
  for (const name of ['core', 'serve']) {
    const source = join(root, 'packages', name)
    await linkPackages(join(source, 'node_modules'), modules)
    for (const part of ['package.json', 'dist', ...(name === 'serve' ? ['wasm'] : [])]) {
      await cp(join(source, part), join(modules, '@perennial', name, part), { recursive: true })
    }
  }
  return folder
}

/** Links what one `node_modules` holds into another, packages of the workspace left out. */
async function linkPackages(from: string, into: string): Promise<void> {
  for (const entry of await readdir(from)) {
    if (entry.startsWith('.') || entry === '@perennial') continue
    const names = entry.startsWith('@')
      ? (await readdir(join(from, entry))).map((name) => join(entry, name))
      : [entry]
    for (const name of names) {
      await mkdir(dirname(join(into, name)), { recursive: true })
      await symlink(join(from, name), join(into, name)).catch((error) => {
        // Both packages need it, in one version.
        if (error.code !== 'EEXIST') throw error
      })
    }
  }
}
