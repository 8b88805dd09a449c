import { ndcgAtK, pairedBootstrap } from '@perennial/core'
import type { QualityResult } from '../quality/result.ts'
import { circumstances, markdownTable } from './markdown.ts'

/** Depth of the metrics that the tables show. */
const K = 10
/** A figure is a mean over users; this fixes which users its interval draws again. */
const SEED = 1

/** Returns each experiment's test table, and the worth of its levers on validation. */
export function renderQuality(results: readonly QualityResult[]): string {
  const names = [...new Set(results.map(({ experiment }) => experiment))]
  return names
    .map((name) => {
      const own = results.filter(({ experiment }) => experiment === name)
      const tests = own.filter(({ split, variant }) => split === 'test' && variant === null)
      const variants = own.filter(({ variant }) => variant !== null)
      return [
        ...(tests.length === 0 ? [] : [renderTests(tests)]),
        ...(variants.length === 0 ? [] : [renderVariants(tests, variants)]),
      ].join('\n\n')
    })
    .join('\n\n')
}

/** One row a scorer: means over seeds, intervals over users. */
function renderTests(tests: readonly QualityResult[]): string {
  const [first] = tests as [QualityResult]
  const scorers = Object.keys(first.metrics)
  const rows = scorers.map((scorer) => {
    const hits = meanByUser(tests, scorer, (rank) => (rank > 0 && rank <= K ? 1 : 0))
    const gains = meanByUser(tests, scorer, gainOf)
    return [scorer, ...withInterval(hits), ...withInterval(gains)]
  })
  const head = ['Method', 'HR@10', '95 % interval', 'NDCG@10', '95 % interval']
  const seeds = tests.map((one) => {
    const metrics = one.metrics[modelOf(one)] as Readonly<Record<string, number>>
    return `seed ${one.config.seed}: HR@10 ${metrics['hit_rate@10']?.toFixed(4)}, NDCG@10 ${metrics['ndcg@10']?.toFixed(4)}, best epoch ${one.bestEpoch} of ${one.curve.length}, ${one.trainingSeconds.toFixed(0)} s of training and validation`
  })
  return [
    `${first.experiment}: ${first.protocol}. Means over ${tests.length} ${tests.length === 1 ? 'seed' : 'seeds'}; intervals over users.`,
    markdownTable(head, rows),
    `${modelOf(first)}, ${seeds.join('; ')}. With ${first.engine}. ${circumstances(first)}`,
  ].join('\n\n')
}

/** What each lever is worth: the run without it beside the whole, on the same seed and validation users. */
function renderVariants(
  tests: readonly QualityResult[],
  variants: readonly QualityResult[],
): string {
  const rows = variants.map((one) => {
    const whole = tests.find(({ config }) => config.seed === one.config.seed)
    const best = bestNdcg(one)
    const reference = whole === undefined ? undefined : bestNdcg(whole)
    return [
      one.variant as string,
      best.toFixed(4),
      reference === undefined ? '-' : reference.toFixed(4),
      reference === undefined ? '-' : (reference - best).toFixed(4),
      `${one.config.maxEpochs}`,
      `${one.trainingSeconds.toFixed(0)} s`,
    ]
  })
  const head = ['One lever undone', 'NDCG@10', 'whole', 'worth', 'epochs', 'time']
  return `What each lever is worth, by the best NDCG@10 on validation:\n\n${markdownTable(head, rows)}`
}

function bestNdcg({ curve }: QualityResult): number {
  return Math.max(...curve.map(({ validationNdcg }) => validationNdcg ?? 0))
}

/** The trained network comes after the baselines. */
function modelOf({ metrics }: QualityResult): string {
  return Object.keys(metrics).at(-1) as string
}

function gainOf(rank: number): number {
  const list = Int32Array.from({ length: K }, (_, i) => (i + 1 === rank ? 1 : 2 + i))
  return ndcgAtK(list, Int32Array.of(1), { k: K })
}

/** Returns a value a user: the mean over the seeds' ranks. */
function meanByUser(
  tests: readonly QualityResult[],
  scorer: string,
  scoreOf: (rank: number) => number,
): Float32Array {
  const byRank = new Map<number, number>()
  const cached = (rank: number): number => {
    const known = byRank.get(rank) ?? scoreOf(rank)
    byRank.set(rank, known)
    return known
  }
  const [first] = tests as [QualityResult]
  return Float32Array.from(first.ranks[scorer] as readonly number[], (_, user) => {
    const ranks = tests.map((one) => one.ranks[scorer]?.[user] as number)
    return ranks.reduce((sum, rank) => sum + cached(rank), 0) / tests.length
  })
}

function withInterval(values: Float32Array): [mean: string, interval: string] {
  const nothing = new Float32Array(values.length)
  const { meanDifference, low, high } = pairedBootstrap(values, nothing, { seed: SEED })
  return [meanDifference.toFixed(4), `${low.toFixed(4)} to ${high.toFixed(4)}`]
}
