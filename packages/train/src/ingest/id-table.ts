/** Numbers distinct strings in the order in which they appear. */
export class IdTable {
  readonly #rows = new Map<string, number>()
  readonly #ids: string[] = []

  /** Ids by row. */
  get ids(): readonly string[] {
    return this.#ids
  }

  /** Returns the row of an id, a new one if it has none. */
  rowOf(id: string): number {
    const known = this.#rows.get(id)
    if (known !== undefined) return known
    const own = copyString(id)
    const row = this.#ids.push(own) - 1
    this.#rows.set(own, row)
    return row
  }
}

/** Returns a copy of its own: a substring would keep the megabyte that it was cut from in memory. */
export function copyString(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8')
}

/** Returns a 32-bit hash of a string (FNV-1a over UTF-16 units). */
export function hashString(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash | 0
}
