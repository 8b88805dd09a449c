import { RANKER } from '../quality/lifecycle/methods.ts'
import type {
  GroupResult,
  LifecycleResult,
  Metrics,
  QuestionResult,
} from '../quality/lifecycle/result.ts'
import { circumstances, markdownTable } from './markdown.ts'
import { renderLevers } from './render-levers.ts'

const HEADS: readonly (readonly [key: string, head: string])[] = [
  ['recall@10', 'Recall@10'],
  ['ndcg@10', 'NDCG@10'],
  ['hit_rate@10', 'HR@10'],
  ['recall@20', 'Recall@20'],
  ['new_item_recall@10', 'never bought, Recall@10'],
]
/** Metrics whose differences have intervals. */
const COMPARED = HEADS.filter(([key]) => key !== 'recall@20')
const SHOWN_SEGMENTS = ['decayed-frequency', 'gp-topfreq', 'neighbor-blend', RANKER]

/** Returns what was measured of each data set asked about a horizon, and the worth of the ranker's parts. */
export function renderLifecycle(results: readonly LifecycleResult[]): string {
  const names = [...new Set(results.map(({ experiment }) => experiment))]
  return names
    .flatMap((name) => {
      const own = results.filter(({ experiment }) => experiment === name)
      const wholes = own.filter(({ variant }) => variant === null)
      const tests = wholes.filter(({ split }) => split === 'test')
      const validation = wholes.find(({ split }) => split === 'validation')
      return [
        ...(tests.length > 0 ? tests : wholes).map(renderResult),
        ...renderLevers(
          own.filter(({ variant }) => variant !== null),
          validation,
        ),
      ]
    })
    .join('\n\n')
}

function renderResult(result: LifecycleResult): string {
  const { experiment, split, protocol, seeds, groups, questions, engine } = result
  const named = seeds.length === 1 ? `Seed ${seeds[0]}` : `Means of seeds ${seeds.join(' and ')}`
  const [first] = questions as [QuestionResult]
  const { numLists, numRows, numFeatures, listSeconds, fitSeconds, peakBytes } = first.training
  const count = (value: number): string => value.toLocaleString('en')
  return [
    `### ${experiment}, ${split}`,
    `Protocol: ${protocol}. ${named}; intervals draw users again, each with all their lists.`,
    ...groups.flatMap((group) =>
      renderGroup(
        group,
        questions.filter((question) => question.group === group.group),
      ),
    ),
    ...questions
      .filter(({ staleness }) => staleness.length > 0)
      .flatMap((question) => [renderStaleness(question), renderSegments(question)]),
    `Training for ${first.label}: ${count(numLists)} lists of ${count(numRows)} rows with ${numFeatures} features, made in ${listSeconds.toFixed(0)} s; ${fitSeconds.toFixed(0)} s for the ranker, ${(peakBytes / 1e9).toFixed(2)} GB at most, data included. With ${engine}. ${circumstances(result)}`,
  ].join('\n\n')
}

function renderGroup(
  { group, numCases, metrics, comparisons }: GroupResult,
  questions: readonly QuestionResult[],
): string[] {
  const methods = Object.keys(metrics)
  const means = methods.map((method) => [
    method,
    ...HEADS.map(([key]) => figure(metrics[method]?.[key])),
  ])
  const differences = methods
    .filter((method) => method !== RANKER)
    .map((method) => [
      method,
      ...COMPARED.map(([key]) => {
        const found = comparisons.find((one) => one.with === method && one.metric === key)
        return found === undefined
          ? '-'
          : `${signed(found.meanDifference)} (${signed(found.low)} to ${signed(found.high)})`
      }),
    ])
  const seeds = questions[0]?.methods.filter(({ name }) => name === RANKER) ?? []
  const bySeed = seeds.map(({ seed }) => {
    const own = questions.map(({ numCases: cases, methods: all }) => ({
      cases,
      metrics: all.find((one) => one.name === RANKER && one.seed === seed)?.metrics ?? {},
    }))
    const mean = (key: string): string =>
      (
        own.reduce((sum, { cases, metrics: ofSeed }) => sum + cases * (ofSeed[key] ?? 0), 0) /
        numCases
      ).toFixed(4)
    return `seed ${seed}: Recall@10 ${mean('recall@10')}, NDCG@10 ${mean('ndcg@10')}`
  })
  return [
    `${group}, ${questions.length === 1 ? questions[0]?.label : `${questions.length} questions together`}, ${numCases.toLocaleString('en')} lists:`,
    markdownTable(['Method', ...HEADS.map(([, head]) => head)], means),
    ...(seeds.length > 1 ? [`ranker, ${bySeed.join('; ')}.`] : []),
    'The ranker against each, with 95 % intervals:',
    markdownTable(['Against', ...COMPARED.map(([, head]) => head)], differences),
    ...(questions.length > 1 ? [renderQuestions(methods, questions)] : []),
    renderSources(questions),
  ]
}

/** Recall, NDCG and hit rate of each question by itself. */
function renderQuestions(methods: readonly string[], questions: readonly QuestionResult[]): string {
  const rows = methods.map((method) => [
    method,
    ...questions.map(({ methods: answers }) => {
      const own = answers.filter(({ name }) => name === method).map(({ metrics }) => metrics)
      return ['recall@10', 'ndcg@10', 'hit_rate@10']
        .map((key) => figure(mean(own, key)))
        .join(' / ')
    }),
  ])
  const head = ['Recall@10 / NDCG@10 / HR@10', ...questions.map(({ label }) => label)]
  return markdownTable(head, rows)
}

function renderSources(questions: readonly QuestionResult[]): string {
  const [first] = questions as [QuestionResult]
  const rows = first.sources.map(({ name }) => {
    const own = questions.map(({ sources }) => sources.find((source) => source.name === name))
    const items = own.reduce((sum, source) => sum + (source?.meanItems ?? 0), 0) / own.length
    return [
      name === 'all' ? 'all together' : name,
      items.toFixed(0),
      ...own.map((source) => figure(source?.recall, 3)),
    ]
  })
  const head = ['Targets among the candidates', 'items', ...questions.map(({ label }) => label)]
  return markdownTable(head, rows)
}

function renderStaleness({ label, staleness }: QuestionResult): string {
  const ages = staleness[0]?.points.map(({ ageDays }) => ageDays) ?? []
  const rows = staleness.map(({ method, points }) => [
    method,
    ...points.map(
      ({ metrics }) => `${figure(metrics['recall@10'])} / ${figure(metrics['ndcg@10'])}`,
    ),
  ])
  const head = [`${label}, Recall@10 / NDCG@10`, ...ages.map((age) => `${age} days old`)]
  return `What an old state costs: all that is known ends that long before the question.\n\n${markdownTable(head, rows)}`
}

function renderSegments({ label, segments }: QuestionResult): string {
  const own = segments.filter(
    ({ by, metric, method }) =>
      by === 'visits' && metric === 'recall@10' && SHOWN_SEGMENTS.includes(method),
  )
  const rows = (own[0]?.segments ?? []).map(({ label: visits, numCases }, i) => [
    visits,
    `${numCases}`,
    ...own.map((one) => figure(one.segments[i]?.mean)),
  ])
  const head = [`${label}, visits so far`, 'customers', ...own.map(({ method }) => method)]
  return `Recall@10 by length of the history:\n\n${markdownTable(head, rows)}`
}

function mean(metrics: readonly Metrics[], key: string): number {
  return metrics.reduce((sum, one) => sum + (one[key] ?? 0), 0) / metrics.length
}

function figure(value: number | null | undefined, digits = 4): string {
  return value === null || value === undefined ? '-' : value.toFixed(digits)
}

function signed(value: number): string {
  return `${value < 0 ? '' : '+'}${value.toFixed(4)}`
}
