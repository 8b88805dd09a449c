/**
 * Numbers category paths, and every path above one. Code 0 is the empty path; codes are never taken back.
 *
 * Paths may be added at any time, unlike in the tree that the lifecycle part builds once from a catalogue.
 */
export class CategoryDictionary {
  readonly #paths: (readonly string[])[] = [[]]
  readonly #parents: number[] = [-1]
  readonly #children: Map<string, number>[] = [new Map()]

  /** Path of each code, widest level first. */
  get paths(): readonly (readonly string[])[] {
    return this.#paths
  }

  /** Returns the code of a path, numbering it and the paths above it when they are new. */
  add(path: readonly string[]): number {
    let code = 0
    for (const [level, name] of path.entries()) {
      const children = this.#children[code] as Map<string, number>
      let child = children.get(name)
      if (child === undefined) {
        child = this.#paths.push(path.slice(0, level + 1)) - 1
        this.#parents.push(code)
        this.#children.push(new Map())
        children.set(name, child)
      }
      code = child
    }
    return code
  }

  /** Returns the code of the first `level` levels of a path; of the whole path when it has no more than that. */
  atLevel(code: number, level: number): number {
    let at = code
    while ((this.#paths[at] as readonly string[]).length > level) at = this.#parents[at] as number
    return at
  }

  /** Returns how alike two paths are: their common levels as a part of the longer one's, `0..1`; 0 when one is empty. */
  overlap(a: number, b: number): number {
    const pathA = this.#paths[a] as readonly string[]
    const pathB = this.#paths[b] as readonly string[]
    const shorter = Math.min(pathA.length, pathB.length)
    if (shorter === 0) return 0
    let common = 0
    while (common < shorter && pathA[common] === pathB[common]) common++
    return common / Math.max(pathA.length, pathB.length)
  }
}
