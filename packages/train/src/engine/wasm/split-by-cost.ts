/** Tokens at which the attention of a sequence costs as much as all the rest. */
const BALANCE = 400

/** Cuts a batch into one run of sequences a thread, of about equal cost. */
export function splitByCost(offsets: Int32Array, numThreads: number): number[] {
  const numSequences = offsets.length - 1
  const costs = new Float64Array(numSequences + 1)
  for (let b = 0; b < numSequences; b++) {
    const length = (offsets[b + 1] as number) - (offsets[b] as number)
    costs[b + 1] = (costs[b] as number) + length * (1 + length / BALANCE)
  }
  const total = costs[numSequences] as number
  const ranges = [0]
  let b = 0
  for (let w = 1; w < numThreads; w++) {
    while (b < numSequences && (costs[b + 1] as number) <= (total * w) / numThreads) b++
    ranges.push(b)
  }
  return [...ranges, numSequences]
}
