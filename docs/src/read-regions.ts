/**
 * Returns the code between `// #region name` and `// #endregion` by name, indented as little as can be.
 *
 * Regions of one name are joined in their order, so that a snippet may begin with the imports of its file.
 *
 * @throws Error if a region is not closed, or another begins within it.
 */
export function readRegions(source: string): Map<string, string> {
  const regions = new Map<string, string>()
  let name: string | undefined
  let lines: string[] = []
  for (const line of source.split('\n')) {
    const start = /^\s*\/\/ #region (\S+)$/.exec(line)?.[1]
    if (start !== undefined) {
      if (name !== undefined) throw new Error(`Region ${start} begins within ${name}.`)
      name = start
      lines = []
    } else if (name !== undefined && line.trim() === '// #endregion') {
      const before = regions.get(name)
      regions.set(name, `${before === undefined ? '' : `${before}\n`}${dedent(lines)}`)
      name = undefined
    } else {
      lines.push(line)
    }
  }
  if (name !== undefined) throw new Error(`Region ${name} is not closed.`)
  return regions
}

function dedent(lines: readonly string[]): string {
  const indents = lines.filter((line) => line !== '').map((line) => line.search(/\S/))
  const indent = Math.min(...indents)
  return `${lines.map((line) => line.slice(indent)).join('\n')}\n`
}
