/** One group of sequences of similar length, padded to the longest of them. */
export interface PaddedGroup {
  readonly numSequences: number
  readonly length: number
  /** Shape `[numSequences * length]`: the token at each place; `numTokens` (a row of zeros) where there is none. */
  readonly tokens: Int32Array
}

/** How the tokens of a packed batch are padded for attention, and found again after it. */
export interface RaggedLayout {
  readonly numTokens: number
  readonly groups: readonly PaddedGroup[]
  /** Shape `[numTokens]`: each token's place in the groups laid end to end. */
  readonly places: Int32Array
  /** Shape `[numTokens]`: distance from the newest event of the token's sequence, 0 for the newest. */
  readonly ages: Int32Array
  /** Shape `[B]`: the newest token of each sequence. */
  readonly newest: Int32Array
}

/**
 * Returns a layout in which sequences of similar length share a group, so that little is padded while
 * the batch itself stays a random one.
 *
 * @param offsets - Shape `[B + 1]`.
 * @param numGroups - Upper bound on groups; more groups pad less and cost more operations.
 */
export function createRaggedLayout(offsets: Int32Array, numGroups: number): RaggedLayout {
  const numSequences = offsets.length - 1
  const numTokens = offsets[numSequences] as number
  const lengthOf = (b: number): number => (offsets[b + 1] as number) - (offsets[b] as number)
  const order = Int32Array.from({ length: numSequences }, (_, b) => b).sort(
    (a, b) => lengthOf(a) - lengthOf(b) || a - b,
  )
  const groups: PaddedGroup[] = []
  const places = new Int32Array(numTokens)
  const ages = new Int32Array(numTokens)
  const newest = new Int32Array(numSequences)
  let base = 0
  for (const members of splitByCost(order, lengthOf, numGroups)) {
    const length = lengthOf(members[members.length - 1] as number)
    const tokens = new Int32Array(members.length * length).fill(numTokens)
    members.forEach((b, i) => {
      const start = offsets[b] as number
      const own = lengthOf(b)
      for (let t = 0; t < own; t++) {
        tokens[i * length + t] = start + t
        places[start + t] = base + i * length + t
        ages[start + t] = own - 1 - t
      }
      newest[b] = start + own - 1
    })
    groups.push({ numSequences: members.length, length, tokens })
    base += members.length * length
  }
  return { numTokens, groups, places, ages, newest }
}

/** Cuts sequences, sorted by length, into groups that minimise padded attention area (dynamic programming). */
function splitByCost(
  order: Int32Array,
  lengthOf: (b: number) => number,
  numGroups: number,
): Int32Array[] {
  const n = order.length
  const best: Float64Array[] = [new Float64Array(n + 1).fill(Infinity)]
  ;(best[0] as Float64Array)[0] = 0
  const cuts: Int32Array[] = [new Int32Array(n + 1)]
  const limit = Math.min(numGroups, n)
  for (let g = 1; g <= limit; g++) {
    const costs = new Float64Array(n + 1).fill(Infinity)
    const from = new Int32Array(n + 1)
    const previous = best[g - 1] as Float64Array
    for (let end = 1; end <= n; end++) {
      const area = lengthOf(order[end - 1] as number) ** 2
      for (let start = g - 1; start < end; start++) {
        const cost = (previous[start] as number) + (end - start) * area
        if (cost < (costs[end] as number)) {
          costs[end] = cost
          from[end] = start
        }
      }
    }
    best.push(costs)
    cuts.push(from)
  }
  let g = 0
  for (let i = 1; i <= limit; i++)
    if ((best[i]?.[n] ?? Infinity) < (best[g]?.[n] ?? Infinity)) g = i
  const groups: Int32Array[] = []
  for (let end = n; end > 0; g--) {
    const start = (cuts[g] as Int32Array)[end] as number
    groups.unshift(order.subarray(start, end))
    end = start
  }
  return groups
}
