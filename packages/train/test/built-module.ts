/**
 * Returns the address of a compiled module of a package, for scripts that run in a process of their own.
 *
 * The build that tests begin with has compiled it.
 *
 * @param name - As `train/cli`: the package, then the file below its `dist`.
 */
export function builtModule(name: string): string {
  const [folder, ...path] = name.split('/') as [string, ...string[]]
  return new URL(`../../${folder}/dist/${path.join('/')}.js`, import.meta.url).href
}
