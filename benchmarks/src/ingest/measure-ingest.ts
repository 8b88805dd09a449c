import { ingest } from '@perennial/train'

/** Ingests one file in this process and prints what it took as JSON. */
const [input, output] = process.argv.slice(2) as [string, string]
const startedAt = performance.now()
const { numRows, numKept } = await ingest({ inputs: [input], output })
const seconds = (performance.now() - startedAt) / 1000
const { maxRSS, userCPUTime } = process.resourceUsage()
console.log(
  JSON.stringify({
    numRows,
    numKept,
    seconds,
    rowsPerSecond: Math.round(numRows / seconds),
    cpuSeconds: userCPUTime / 1e6,
    peakRssBytes: maxRSS * 1024,
  }),
)
