import { RANKER } from '../quality/lifecycle/methods.ts'
import type { LifecycleResult } from '../quality/lifecycle/result.ts'
import { differenceOf, poolValues } from '../quality/lifecycle/summarize-groups.ts'
import { markdownTable } from './markdown.ts'

/** Returns the table of what each part of the ranker is worth on validation; nothing without the whole beside it. */
export function renderLevers(
  variants: readonly LifecycleResult[],
  whole: LifecycleResult | undefined,
): string[] {
  if (whole === undefined) return []
  const seedsOf = ({ seeds }: LifecycleResult): number[] =>
    seeds.filter((seed) => whole.seeds.includes(seed))
  const comparable = variants.filter((one) => seedsOf(one).length > 0)
  if (comparable.length === 0) return []
  const rows = comparable.map((one) => {
    const seeds = seedsOf(one)
    const cells = (['recall@10', 'ndcg@10', 'new_item_recall@10'] as const).map((metric) => {
      const without = poolValues(ofSeeds(one, seeds), RANKER, metric)
      const worth = differenceOf(poolValues(ofSeeds(whole, seeds), RANKER, metric), without)
      if (worth === undefined) return '-'
      return `${signed(worth.meanDifference)} (${signed(worth.low)} to ${signed(worth.high)})`
    })
    return [one.variant as string, ...cells, seeds.join(', ')]
  })
  const head = ['One lever undone', 'Recall@10', 'NDCG@10', 'never bought, Recall@10', 'seeds']
  const cuts = whole.questions.map(({ label }) => label).join(', ')
  return [
    `What each lever is worth on validation (${cuts}): the whole minus the ranker without it.`,
    markdownTable(head, rows),
  ]
}

function ofSeeds(
  { questions }: LifecycleResult,
  seeds: readonly number[],
): LifecycleResult['questions'] {
  return questions.map((question) => ({
    ...question,
    methods: question.methods.filter(({ seed }) => seed !== null && seeds.includes(seed)),
  }))
}

function signed(value: number): string {
  return `${value < 0 ? '' : '+'}${value.toFixed(4)}`
}
