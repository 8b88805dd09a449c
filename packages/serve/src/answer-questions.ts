import { randomUUID } from 'node:crypto'
import type { Reason } from '@perennial/core'
import { findAllowedItems } from './allowed-items.ts'
import { buildCustomerHistory, type CustomerHistory } from './customer-history.ts'
import { buildOcclusions, explainItems, type Occlusions } from './explain-items.ts'
import type { StoredEvent } from './history-store.ts'
import { explainCandidate } from './lifecycle/explain-candidate.ts'
import { type PurchaseForecast, rankCandidates } from './lifecycle/rank-candidates.ts'
import type { ServedLifecycle } from './lifecycle/served-lifecycle.ts'
import { type RankedItem, rankItems, rankPopular } from './rank-items.ts'
import type { Question } from './read-request.ts'
import type { Recommendation, RecommendResponse } from './recommendation.ts'
import type { ServedModel } from './served-model.ts'

/** A question with all that is known before the network runs. */
interface Prepared {
  readonly question: Question
  readonly customer: CustomerHistory
  readonly occlusions: Occlusions
}

/**
 * Answers questions with one call of the network.
 *
 * @param events - The customer's events, oldest first, one list a question.
 * @returns One answer a question, in their order.
 */
export async function answerQuestions(
  model: ServedModel,
  questions: readonly Question[],
  events: readonly (readonly StoredEvent[])[],
): Promise<RecommendResponse[]> {
  const prepared = questions.map((question, i): Prepared => {
    const customer = buildCustomerHistory(model, events[i] ?? [], question)
    const occlusions =
      question.explain && rankedBySequence(model)
        ? buildOcclusions(customer.recent)
        : { leftOut: [], remaining: [] }
    return { question, customer, occlusions }
  })
  if (!rankedBySequence(model))
    return allOrFirstError(prepared.map((one) => answerFromCandidates(model, one)))
  const encoded = await encodeAll(model, prepared)
  return prepared.map((one, i) => answerOne(model, one, encoded[i] ?? []))
}

/** As `Promise.all`, but nothing is still under way when it rejects: the network may be freed then. */
async function allOrFirstError<T>(answers: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(answers)
  return Promise.all(answers)
}

function rankedBySequence({ lifecycle }: ServedModel): boolean {
  return lifecycle === undefined || lifecycle.config.ranking === 'sequence'
}

/**
 * Encodes the histories of all questions, and what remains of each without one of its items, in one call.
 *
 * @returns For each question its query, then one an occlusion; empty when the history is empty.
 */
async function encodeAll(
  { encoder, items: { dim } }: ServedModel,
  prepared: readonly Prepared[],
): Promise<Float32Array[][]> {
  const histories = prepared.map(({ customer: { recent }, occlusions }) =>
    recent.itemRows.length === 0 ? [] : [recent, ...occlusions.remaining],
  )
  const toEncode = histories.flat().filter(({ itemRows }) => itemRows.length > 0)
  const queries = toEncode.length === 0 ? new Float32Array(0) : await encoder.encode(toEncode)
  let position = 0
  return histories.map((parts) =>
    parts.map(({ itemRows }) => {
      if (itemRows.length === 0) return new Float32Array(dim)
      return queries.subarray(position * dim, ++position * dim)
    }),
  )
}

function answerOne(
  model: ServedModel,
  { question, customer, occlusions }: Prepared,
  [query, ...occludedQueries]: readonly Float32Array[],
): RecommendResponse {
  const { k, explain } = question
  const { history, summary } = customer
  const { allowed, counts } = findAllowedItems(model, question, history)
  const about = describeAnswer(model, question, { history: summary, candidates: counts })
  if (query === undefined)
    return { ...about, ...answerPopular(model, { k, allowed, explain, summary }) }
  const ranking = rankItems(model, query, { history, k, allowed })
  const { leftOut } = occlusions
  const reasons = explain
    ? explainItems(model, ranking, { history, query, leftOut, occludedQueries })
    : []
  const items = describeItems(model, ranking.items, reasons)
  return { ...about, path: 'model', ranking: 'sequence', items }
}

async function answerFromCandidates(
  model: ServedModel,
  { question, customer: { history, summary } }: Prepared,
): Promise<RecommendResponse> {
  const { k, explain } = question
  const lifecycle = model.lifecycle as ServedLifecycle
  const { allowed, counts } = findAllowedItems(model, question, history)
  const about = describeAnswer(model, question, { history: summary, candidates: counts })
  if (history.itemRows.length === 0)
    return { ...about, ...answerPopular(model, { k, allowed, explain, summary }) }
  const { popularity } = model.items
  const ranked = await rankCandidates(lifecycle, { history, k, allowed, popularity, explain })
  const { ranking } = lifecycle.config
  const reasons = explain ? ranked.map((one) => explainCandidate(one, { history, ranking })) : []
  const items = describeItems(model, ranked, reasons)
  return { ...about, path: 'model', ranking, items }
}

function describeAnswer(
  { modelVersion }: ServedModel,
  { asOfMs }: Question,
  parts: Pick<RecommendResponse, 'history' | 'candidates'>,
): Pick<
  RecommendResponse,
  'recommendationId' | 'modelVersion' | 'asOf' | 'history' | 'candidates'
> {
  return {
    recommendationId: randomUUID(),
    modelVersion,
    asOf: new Date(asOfMs).toISOString(),
    ...parts,
  }
}

function answerPopular(
  model: ServedModel,
  {
    k,
    allowed,
    explain,
    summary,
  }: {
    readonly k: number
    readonly allowed: Uint8Array | undefined
    readonly explain: boolean
    readonly summary: RecommendResponse['history']
  },
): Pick<RecommendResponse, 'path' | 'items' | 'note'> {
  const ranked = rankPopular(model, k, allowed)
  const reasons = explain ? ranked.map((): Reason => ({ code: 'popular' })) : []
  return {
    path: 'popular',
    items: describeItems(model, ranked, reasons),
    note: explainPopular(summary),
  }
}

function describeItems(
  { catalog, items: { trained } }: ServedModel,
  ranked: readonly (Pick<RankedItem, 'itemRow' | 'score'> & {
    readonly forecast?: PurchaseForecast | undefined
  })[],
  reasons: readonly Reason[],
): Recommendation[] {
  return ranked.map(({ itemRow, score, forecast }, i) => {
    const { itemId, title, price } = catalog.recordOf(itemRow)
    const reason = reasons[i]
    return {
      itemId,
      rank: i + 1,
      score,
      ...(title === undefined ? {} : { title }),
      ...(price === undefined ? {} : { price }),
      ...(reason === undefined ? {} : { reason }),
      ...(forecast === undefined ? {} : { forecast }),
      trained: trained[itemRow] === 1,
    }
  })
}

function explainPopular({ later, unknownItemIds }: RecommendResponse['history']): string {
  if (unknownItemIds.length > 0) {
    return 'Ranked by popularity: no event up to asOf is of an item that the model knows.'
  }
  if (later > 0) return 'Ranked by popularity: every event of the history is after asOf.'
  return 'Ranked by popularity: no events are known of this customer.'
}
