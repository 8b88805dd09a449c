import type { SearchResult } from '@perennial/core'
import type { CandidateOptions, Candidates } from './candidates.ts'
import type { CustomerHistory } from './customer-history.ts'
import type { CachedQueries, NearestItems, QueryKey } from './encoder/query-cache.ts'
import { buildOcclusions, explainItems } from './explain-items.ts'
import { NUM_CONTENDERS, rankItems } from './rank-items.ts'
import { fitFlags } from './retrieval/fit-flags.ts'
import type { ServedModel } from './served-model.ts'
import { type OnTiming, timed } from './timing.ts'

/** Options of {@link findSequenceCandidates}. */
export interface SequenceCandidatesOptions extends CandidateOptions {
  readonly customer: CustomerHistory
  /** State of a known user's history, for queries kept from his last answer; absent for one who is not known. */
  readonly queryKey?: QueryKey | undefined
  readonly onTiming?: OnTiming | undefined
}

/** Returns the items that the sequence model and own purchases speak for most. */
export async function findSequenceCandidates(
  model: ServedModel,
  { customer, queryKey, onTiming, ...options }: SequenceCandidatesOptions,
): Promise<Candidates> {
  const { history, recent } = customer
  const { queries, encoder, blend, index } = model
  const { generation } = queries
  const cached = queryKey === undefined ? undefined : queries.get(queryKey)
  const query =
    cached?.query ??
    ((await timed('encode', onTiming, () => encoder.encode([recent])))[0] as Float32Array)
  const nearest = await timed('candidates', onTiming, () =>
    findNearest(model, query, { ...options, known: cached?.nearest }),
  )
  // What was found is kept with the query until the history, the items or what can be sold change.
  let known: CachedQueries = { ...cached, query, nearest: nearest ?? cached?.nearest }
  if (queryKey !== undefined && (cached === undefined || known.nearest !== cached.nearest))
    queries.set(queryKey, known, generation)
  const ranked = await rankItems({ index, blend }, query, {
    ...options,
    history,
    nearest: nearest?.found,
  })
  return {
    itemRows: ranked.itemRows,
    scores: ranked.scores,
    isOwn: ranked.isOwn,
    path: 'model',
    ranking: 'sequence',
    forecastOf: () => undefined,
    explain: async (places) => {
      const { leftOut, remaining } = buildOcclusions(recent)
      const occludedQueries = known.occludedQueries ?? (await encoder.encode(remaining))
      known = { ...known, occludedQueries }
      if (queryKey !== undefined) queries.set(queryKey, known, generation)
      return explainItems(model, places, { ranked, history, query, leftOut, occludedQueries })
    },
  }
}

/** Returns the items nearest to a query, those found before where they still hold; `undefined` where more limits them. */
async function findNearest(
  { index, newItemVectors }: Pick<ServedModel, 'index' | 'newItemVectors'>,
  query: Float32Array,
  {
    allowed,
    onlyBy: availability,
    minCandidates,
    known,
  }: CandidateOptions & { readonly known: NearestItems | undefined },
): Promise<NearestItems | undefined> {
  if (availability === undefined) return undefined
  const count = Math.max(minCandidates, NUM_CONTENDERS)
  const vectorVersion = newItemVectors.version
  const holds =
    known?.availability === availability &&
    known.vectorVersion === vectorVersion &&
    known.count === count
  if (known !== undefined && holds) return known
  // An item may have come while the history was encoded.
  const found = await index.search(query, count, {
    allowed: fitFlags(allowed, index.numItems),
  })
  return { found: pack(found), count, availability, vectorVersion }
}

/** Returns the result in one piece of memory: tens of thousands are kept, and each piece costs the garbage collector. */
function pack({ itemRows, scores }: SearchResult): SearchResult {
  const { length } = itemRows
  const memory = new ArrayBuffer(8 * length)
  const packed = {
    itemRows: new Int32Array(memory, 0, length),
    scores: new Float32Array(memory, 4 * length, length),
  }
  packed.itemRows.set(itemRows)
  packed.scores.set(scores)
  return packed
}
