import { dayOf, RecommenderError, readDataset } from '@perennial/core'
import { answerQuestions } from './answer-questions.ts'
import type { CustomerDescription, DescribeCustomerRequest } from './customer-description.ts'
import { createMemoryHistoryStore, type HistoryStore, type StoredEvent } from './history-store.ts'
import { describeOne } from './lifecycle/describe-customer.ts'
import {
  checkLength,
  checkText,
  type Question,
  REQUEST_LIMITS,
  readCustomerRequest,
  readEvent,
  readRequest,
} from './read-request.ts'
import type {
  RecommendRequest,
  RecommendResponse,
  RecordResult,
  UserEvent,
} from './recommendation.ts'
import type { ChooseIndexOptions } from './retrieval/choose-index.ts'
import { loadModel, type ServedModel } from './served-model.ts'

/** Options of {@link Recommender.load}. */
export interface LoadOptions extends Omit<ChooseIndexOptions, 'dim'> {
  /** Where events are kept. @defaultValue a new {@link createMemoryHistoryStore} */
  readonly store?: HistoryStore | undefined
  /** A data set folder whose events are put into the store, so that its users are known. @defaultValue none */
  readonly dataset?: string | undefined
}

/** Requests encoded in one call of the network. */
const BATCH_SIZE = 16

/** Answers what customers will want, from a trained artifact and their events. */
export class Recommender {
  readonly #model: ServedModel
  readonly #store: HistoryStore
  readonly #underWay = new Set<Promise<unknown>>()
  #closed = false

  private constructor(model: ServedModel, store: HistoryStore) {
    this.#model = model
    this.#store = store
  }

  /**
   * Loads an artifact folder written by `perennial-train`.
   *
   * @throws {@link RecommenderError} `BAD_ARTIFACT`; `INDEX_UNAVAILABLE` if `index` is `hnsw` and
   * hnswlib-node cannot be loaded; `DATASET_MISSING`; `INVALID_OPTION`.
   * @example
   * const recommender = await Recommender.load('artifact')
   * const { items } = await recommender.recommend({
   *   history: [{ itemId: 'tea', timestamp: '2026-01-31T18:30:00Z' }],
   *   k: 5,
   * })
   */
  static async load(
    folder: string,
    { store = createMemoryHistoryStore(), dataset, ...indexOptions }: LoadOptions = {},
  ): Promise<Recommender> {
    const model = await loadModel(folder, indexOptions)
    try {
      const { signal } = indexOptions
      const { eventTypes } = model
      if (dataset !== undefined) await fillStore(store, dataset, { model, eventTypes, signal })
    } catch (error) {
      await model.encoder.release()
      await model.lifecycle?.ranker?.release()
      throw error
    }
    return new Recommender(model, store)
  }

  /** Name and version of the model, as every response gives it. */
  get modelVersion(): string {
    return this.#model.modelVersion
  }

  /** The search structure in use; `note` says why when it is not the one that suits the catalogue's size. */
  get index(): {
    readonly kind: 'exact' | 'hnsw'
    readonly numItems: number
    readonly memoryBytes: number
    readonly note?: string
  } {
    const { index, indexNote } = this.#model
    const { kind, numItems, memoryBytes } = index
    return { kind, numItems, memoryBytes, ...(indexNote === undefined ? {} : { note: indexNote }) }
  }

  /**
   * Returns the items that a customer will want most, best first.
   *
   * @throws {@link RecommenderError} `INVALID_INPUT` or `INVALID_OPTION` naming the field.
   */
  async recommend(request: RecommendRequest): Promise<RecommendResponse> {
    const [response] = await this.recommendBatch([request])
    return response as RecommendResponse
  }

  /**
   * Returns one answer a request, in their order: each the same as {@link Recommender.recommend} gives alone.
   *
   * @throws {@link RecommenderError} `INVALID_INPUT` or `INVALID_OPTION` naming request and field; no request is answered then.
   */
  async recommendBatch(
    requests: readonly RecommendRequest[],
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<RecommendResponse[]> {
    this.#checkOpen()
    const nowMs = Date.now()
    const questions = requests.map((request, i) => {
      try {
        return readRequest(request, nowMs)
      } catch (error) {
        if (requests.length === 1 || !(error instanceof RecommenderError)) throw error
        throw new RecommenderError(error.code, `In requests[${i}]: ${error.message}`)
      }
    })
    const answering = this.#answer(questions, signal)
    this.#underWay.add(answering)
    return answering.finally(() => this.#underWay.delete(answering))
  }

  /**
   * Returns where a customer stands, how likely he buys at all, in each category, and which of his items again.
   *
   * Stage, expected visits and value and `buys` are about days from `asOf` on; on a day on which he bought, from the
   * next day on. Events have no prices here: a visit is worth what its items cost when training last saw them.
   *
   * @throws {@link RecommenderError} `INVALID_INPUT` or `INVALID_OPTION` naming the field.
   */
  async describeCustomer(request: DescribeCustomerRequest): Promise<CustomerDescription> {
    this.#checkOpen()
    const question = readCustomerRequest(request, Date.now())
    const describing = describeOne(this.#model, question, this.#eventsOf(question))
    this.#underWay.add(describing)
    return describing.finally(() => this.#underWay.delete(describing))
  }

  /**
   * Stores purchases; later answers for their users count them. All are checked before any is stored.
   *
   * @throws {@link RecommenderError} `INVALID_INPUT` naming the event and field; nothing is stored then.
   */
  recordEvents(events: readonly UserEvent[]): RecordResult {
    this.#checkOpen()
    checkLength('events', events, REQUEST_LIMITS.maxEvents)
    const checked = events.map((event, i) => ({
      userId: checkText(`events[${i}].userId`, event.userId),
      event: readEvent(event, `events[${i}]`),
    }))
    const counts = { added: 0, duplicate: 0, 'too-old': 0 }
    const unknownItemIds = new Set<string>()
    for (const { userId, event } of checked) {
      const result = this.#store.add(userId, event)
      counts[result]++
      if (result === 'added') this.#model.lifecycle?.record(userId, event)
      if (this.#model.catalog.rowOf(event.itemId) === undefined) unknownItemIds.add(event.itemId)
    }
    return {
      accepted: counts.added,
      duplicates: counts.duplicate,
      tooOld: counts['too-old'],
      unknownItemIds: [...unknownItemIds],
    }
  }

  /**
   * Frees the network once the answers under way are given.
   *
   * Every later call throws `ENGINE_UNAVAILABLE`; closing twice is no error.
   */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await Promise.allSettled(this.#underWay)
    try {
      await this.#model.encoder.release()
    } finally {
      await this.#model.lifecycle?.ranker?.release()
    }
  }

  async #answer(
    questions: readonly Question[],
    signal?: AbortSignal,
  ): Promise<RecommendResponse[]> {
    const responses: RecommendResponse[] = []
    for (let start = 0; start < questions.length; start += BATCH_SIZE) {
      signal?.throwIfAborted()
      const batch = questions.slice(start, start + BATCH_SIZE)
      const events = batch.map((question) => this.#eventsOf(question))
      responses.push(...(await answerQuestions(this.#model, batch, events)))
    }
    return responses
  }

  #eventsOf({ customer }: Pick<Question, 'customer'>): readonly StoredEvent[] {
    return 'userId' in customer ? this.#store.read(customer.userId) : customer.events
  }

  #checkOpen(): void {
    if (!this.#closed) return
    throw new RecommenderError(
      'ENGINE_UNAVAILABLE',
      'Expected an open recommender, got one that was closed. Load the artifact again.',
    )
  }
}

async function fillStore(
  store: HistoryStore,
  folder: string,
  {
    model,
    eventTypes,
    signal,
  }: { readonly model: ServedModel } & Pick<ServedModel, 'eventTypes'> &
    Pick<LoadOptions, 'signal'>,
): Promise<void> {
  // What training did not learn from is no purchase in a history either.
  const { userIds, catalog, sequences } = await readDataset(folder, { eventTypes })
  const { offsets, itemRows, timestampMs, quantities } = sequences
  const { lifecycle } = model
  const newer: { userId: string; event: StoredEvent }[] = []
  for (const [userRow, userId] of userIds.entries()) {
    signal?.throwIfAborted()
    for (let i = offsets[userRow] as number; i < (offsets[userRow + 1] as number); i++) {
      const event = {
        itemId: catalog.idOf(itemRows[i] as number),
        timestampMs: timestampMs[i] as number,
        quantity: quantities[i] as number,
      }
      store.add(userId, event)
      if (lifecycle !== undefined && dayOf(event.timestampMs) >= lifecycle.knownUntilDay)
        newer.push({ userId, event })
    }
  }
  // The state takes purchases in order of time; those before are in the artifact.
  newer.sort((a, b) => a.event.timestampMs - b.event.timestampMs)
  for (const { userId, event } of newer) lifecycle?.record(userId, event)
}
