import { createRng } from '@perennial/core'

/** How long a fixed piece of work takes on this machine. */
export interface ReferenceTime {
  readonly medianMs: number
  readonly numRuns: number
}

/** Options of {@link measureReference}. */
export interface ReferenceOptions {
  /** @defaultValue 300 */
  readonly numRuns?: number | undefined
}

const NUM_ROWS = 4096
const DIM = 64
const NUM_RECORDS = 200

/**
 * Returns how long a fixed piece of work takes now: about half of it reads and writes JSON, the other half
 * multiplies vectors, as answering a request does.
 *
 * A time divided by this one says less of the machine and of what else runs on it, so that it can be compared
 * with one from another day.
 */
export function measureReference({ numRuns = 300 }: ReferenceOptions = {}): ReferenceTime {
  const run = createReferenceWork()
  const times: number[] = []
  for (let i = -Math.ceil(numRuns / 4); i < numRuns; i++) {
    const startMs = performance.now()
    run()
    // The first runs make V8 compile.
    if (i >= 0) times.push(performance.now() - startMs)
  }
  times.sort((a, b) => a - b)
  return { medianMs: times[times.length >> 1] as number, numRuns }
}

/** Returns the work: the same result at every call, well below a millisecond. */
export function createReferenceWork(): () => number {
  const rng = createRng(1, 0x726566)
  const table = Float32Array.from({ length: NUM_ROWS * DIM }, () => rng.nextNormal())
  const query = Float32Array.from({ length: DIM }, () => rng.nextNormal())
  const text = JSON.stringify(
    Array.from({ length: NUM_RECORDS }, (_, i) => ({
      itemId: `sku-${i}`,
      title: `Brand ${rng.nextInt(1000)} article`,
      score: rng.next(),
      path: ['Department', `Aisle ${rng.nextInt(10)}`],
    })),
  )
  return () => {
    let best = Number.NEGATIVE_INFINITY
    for (let start = 0; start < table.length; start += DIM) {
      let sum = 0
      for (let d = 0; d < DIM; d++) sum += (table[start + d] as number) * (query[d] as number)
      if (sum > best) best = sum
    }
    return best + JSON.stringify(JSON.parse(text)).length
  }
}
