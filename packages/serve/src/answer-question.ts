import { checkFilter, type PolicyItem, type Reason } from '@perennial/core'
import { findAllowedItems, findSuppressed } from './allowed-items.ts'
import type { CandidateOptions, Candidates } from './candidates.ts'
import { chooseItems } from './choose-items.ts'
import { buildCustomerHistory, type CustomerHistory } from './customer-history.ts'
import { describeItems } from './describe-items.ts'
import type { UserHistory } from './history/history-store.ts'
import { findLifecycleCandidates } from './lifecycle/lifecycle-candidates.ts'
import { findOwnAccessories } from './own-accessories.ts'
import { findPopularCandidates } from './popular-candidates.ts'
import type { Question } from './read-request.ts'
import type { RecommendResponse } from './recommendation.ts'
import { createRecommendationId } from './recommendation-id.ts'
import { findSequenceCandidates } from './sequence-candidates.ts'
import type { ServedModel } from './served-model.ts'
import { type OnTiming, timed } from './timing.ts'

/** Candidates that a policy chooses from: enough that caps and budgets leave a list. */
const MIN_CANDIDATES = 100
const CANDIDATES_PER_ITEM = 5

/** Options of {@link answerQuestion}. */
export interface AnswerOptions {
  /** What is known of the customer; its `version` is 0 when the events came with the question. */
  readonly user: UserHistory
  readonly onTiming?: OnTiming | undefined
}

/** Answers one question: who may be offered what, what he wants most of it, and the list that the policy makes of that. */
export async function answerQuestion(
  model: ServedModel,
  question: Question,
  { user, onTiming }: AnswerOptions,
): Promise<RecommendResponse> {
  const { k, policy, asOfMs, consent } = question
  const customer = buildCustomerHistory(model, user.events, question)
  const suppressed = findSuppressed(model, customer.history, question)
  const accessoryOf = findOwnAccessories(model, customer.history)
  const { exclude, filter } = policy
  // An attribute that no item has would leave nothing, and is more likely a slip.
  if (filter !== undefined) checkFilter(filter, { items: model.attributes })
  const conditions = { exclude, filter, suppressed }
  const { allowed, onlyBy, counts } = findAllowedItems(model, conditions, asOfMs)

  const options = {
    allowed,
    onlyBy,
    minCandidates: Math.min(model.attributes.numItems, candidatesWanted(question)),
    alsoAllowed: findBudgetBand(model, question, allowed),
    alsoRows: [...accessoryOf.keys()].filter((row) => allowed?.[row] !== 0),
  }
  const candidates = await findCandidates(model, options, { question, customer, user, onTiming })
  const list = await timed('policy', onTiming, () =>
    chooseItems(model, candidates, {
      k,
      policy,
      asOfMs,
      shown: user.shown,
      suppressed,
      accessoryOf,
    }),
  )
  const reasons = await explain(candidates, list.items, { question, onTiming })
  const { path, ranking, note } = candidates
  return {
    recommendationId: createRecommendationId({ modelVersion: model.modelVersion, path }),
    modelVersion: model.modelVersion,
    path,
    ...(ranking === undefined ? {} : { ranking }),
    asOf: new Date(asOfMs).toISOString(),
    items: describeItems(model, list.items, {
      candidates,
      question,
      reasons,
      explain: question.explain,
    }),
    history: customer.summary,
    candidates: { ...counts, ranked: candidates.itemRows.length, policy: list.counts },
    relaxed: list.relaxed,
    ...(list.skippedPromotions.length === 0 ? {} : { skippedPromotions: list.skippedPromotions }),
    consent,
    ...(note === undefined ? {} : { note: consent ? note : `${note} ${NO_CONSENT}` }),
  }
}

const NO_CONSENT = 'Stored events were not looked at for want of consent.'

/** Wider choice costs time, so it is made only where a policy may need it. */
function candidatesWanted({ k, policy }: Question): number {
  const { budget, diversity, rotation, gift, minRelevance } = policy
  const isPlain =
    budget === undefined &&
    diversity === undefined &&
    rotation === undefined &&
    minRelevance === undefined &&
    gift !== true
  return Math.max(MIN_CANDIDATES, isPlain ? k : CANDIDATES_PER_ITEM * k)
}

/** Returns which allowed items have a price that the budget prefers: few of the best of all items may. */
function findBudgetBand(
  { filters, attributes }: Pick<ServedModel, 'filters' | 'attributes'>,
  { policy: { budget } }: Question,
  allowed: Uint8Array | undefined,
): Uint8Array | undefined {
  if (budget === undefined) return undefined
  const { min, max } = budget
  const from = min ?? (max === undefined || budget.shape === 'within' ? 0 : max / 2)
  const band = filters
    .resolve({ field: 'price', min: from, ...(max === undefined ? {} : { max }) })
    .slice(0, attributes.numItems + 1)
  if (allowed !== undefined)
    for (let row = 1; row < band.length; row++)
      band[row] = (band[row] as number) & (allowed[row] as number)
  return band
}

async function findCandidates(
  model: ServedModel,
  options: CandidateOptions,
  {
    question: { customer: asked, asOfMs },
    customer,
    user,
    onTiming,
  }: AnswerOptions & { readonly question: Question; readonly customer: CustomerHistory },
): Promise<Candidates> {
  const { lifecycle } = model
  if (customer.history.itemRows.length === 0)
    return findPopularCandidates(model, options, customer.summary)
  if (lifecycle !== undefined && lifecycle.config.ranking !== 'sequence')
    return timed('candidates', onTiming, () =>
      findLifecycleCandidates(model, lifecycle, { ...options, customer }),
    )
  const queryKey = 'userId' in asked && {
    userId: asked.userId,
    version: user.version,
    numUsed: customer.history.itemRows.length,
    firstMs: customer.history.timestampMs[0] ?? 0,
    askedSeconds: model.usesTimes ? Math.floor(asOfMs / 1000) : 0,
    vectorVersion: customer.recent.itemRows.some((row) => row > model.numArtifactItems)
      ? model.newItemVectors.version
      : 0,
  }
  return findSequenceCandidates(model, {
    ...options,
    customer,
    onTiming,
    ...(queryKey && { queryKey }),
  })
}

/** Returns a reason for each item that was ranked, where reasons are wanted. */
async function explain(
  candidates: Candidates,
  items: readonly PolicyItem[],
  { question, onTiming }: { readonly question: Question; readonly onTiming: OnTiming | undefined },
): Promise<(Reason | undefined)[]> {
  if (!question.explain) return []
  const places = items.flatMap(({ position }) => (position < 0 ? [] : [position]))
  const reasons = await timed('explain', onTiming, () => candidates.explain(places))
  let next = 0
  return items.map(({ position }) => (position < 0 ? undefined : reasons[next++]))
}
