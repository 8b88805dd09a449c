/** Returns the share of pairs of a 1 and a 0 that the scores put in the right order, ties counting half. */
export function areaUnderCurve(scores: Float64Array, labels: Uint8Array): number {
  const order = byScore(scores)
  let rankSum = 0
  let numOnes = 0
  for (let from = 0, to = 0; from < order.length; from = to) {
    while (to < order.length && scores[order[to] as number] === scores[order[from] as number]) to++
    for (const i of order.slice(from, to)) {
      if (labels[i] === 0) continue
      // The mean of the ranks `from + 1 .. to`.
      rankSum += (from + 1 + to) / 2
      numOnes++
    }
  }
  const numZeros = labels.length - numOnes
  return (rankSum - (numOnes * (numOnes + 1)) / 2) / (numOnes * numZeros)
}

/** Returns the mean over ten bins of equal count of |mean probability - share of ones|. */
export function calibrationError(probabilities: Float64Array, labels: Uint8Array): number {
  const order = byScore(probabilities)
  let sum = 0
  for (let bin = 0; bin < 10; bin++) {
    const members = order.slice((bin * order.length) / 10, ((bin + 1) * order.length) / 10)
    const excess = members.map((i) => (probabilities[i] as number) - (labels[i] as number))
    sum += Math.abs(excess.reduce((total, value) => total + value, 0))
  }
  return sum / order.length
}

function byScore(scores: Float64Array): number[] {
  return Array.from(scores.keys()).sort((i, j) => (scores[i] as number) - (scores[j] as number))
}
