import type { SearchResult } from '@perennial/core'

/** Returns the `k` best of several results, each best first; equal scores in order of item row. */
export function mergeParts(parts: readonly SearchResult[], k: number): SearchResult {
  const [first] = parts
  if (parts.length === 1 && first !== undefined) return first
  const total = parts.reduce((sum, { itemRows }) => sum + itemRows.length, 0)
  const itemRows = new Int32Array(Math.min(k, total))
  const scores = new Float32Array(itemRows.length)
  const next = new Int32Array(parts.length)
  for (let i = 0; i < itemRows.length; i++) {
    let from = -1
    let bestRow = 0
    let bestScore = -Infinity
    for (let p = 0; p < parts.length; p++) {
      const part = parts[p] as SearchResult
      const at = next[p] as number
      if (at === part.itemRows.length) continue
      const row = part.itemRows[at] as number
      const score = part.scores[at] as number
      const isBetter = score > bestScore || (score === bestScore && row < bestRow)
      if (from >= 0 && !isBetter) continue
      from = p
      bestRow = row
      bestScore = score
    }
    itemRows[i] = bestRow
    scores[i] = bestScore
    next[from] = (next[from] as number) + 1
  }
  return { itemRows, scores }
}
