import Table from 'cli-table3'
import type { LifecycleResult, Metrics } from './result.ts'

const HEADS = {
  'recall@10': 'Recall@10',
  'ndcg@10': 'NDCG@10',
  'hit_rate@10': 'HR@10',
  'new_item_recall@10': 'new items',
  'recall@20': 'Recall@20',
} as const

/** Prints what a run measured: a table a question, and one a group where it has several questions. */
export function printResult(
  { experiment, variant, split, seeds, questions, groups }: LifecycleResult,
  print: (text: string) => void,
): void {
  print(`${experiment}${variant === null ? '' : `, ${variant}`}, ${split}`)
  for (const { label, group, numCases, methods, sources, training, staleness } of questions) {
    print(`${label}, ${group}: ${numCases} customers`)
    print(
      toTable(
        methods.map(({ name, seed, metrics }) => [
          seed === null ? name : `${name}, seed ${seed}`,
          metrics,
        ]),
      ),
    )
    const found = sources.map(
      ({ name, meanItems, recall, newRecall }) =>
        `${name} ${meanItems.toFixed(0)} items ${recall.toFixed(3)} (new ${format(newRecall)})`,
    )
    print(`targets among the candidates: ${found.join('; ')}`)
    print(
      `${training.numLists} lists, ${training.numRows} rows, ${training.numFeatures} features; lists ${training.listSeconds.toFixed(0)} s, ranker ${training.fitSeconds.toFixed(0)} s, peak ${(training.peakBytes / 1e9).toFixed(2)} GB`,
    )
    for (const { method, points } of staleness) {
      const ages = points.map(
        ({ ageDays, metrics }) => `${ageDays} days ${format(metrics['recall@10'])}`,
      )
      print(`${method}, Recall@10 with old states: ${ages.join(', ')}`)
    }
  }
  for (const { group, numCases, metrics, comparisons } of groups) {
    if (questions.length > 1 || seeds.length > 1) {
      print(`${group}, ${numCases} lists, mean of seeds`)
      print(toTable(Object.entries(metrics)))
    }
    for (const { with: other, metric, meanDifference, low, high } of comparisons)
      print(
        `ranker against ${other}, ${metric}: ${meanDifference.toFixed(4)} [${low.toFixed(4)} ${high.toFixed(4)}]`,
      )
  }
}

function toTable(rows: readonly (readonly [string, Metrics])[]): string {
  const table = new Table({ head: ['Method', ...Object.values(HEADS)] })
  for (const [name, metrics] of rows)
    table.push([name, ...Object.keys(HEADS).map((key) => format(metrics[key]))])
  return table.toString()
}

function format(value: number | null | undefined): string {
  return value === null || value === undefined ? '-' : value.toFixed(4)
}
