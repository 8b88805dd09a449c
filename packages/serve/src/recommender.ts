import { RecommenderError } from '@perennial/core'
import { answerQuestion } from './answer-question.ts'
import type { CustomerDescription, DescribeCustomerRequest } from './customer-description.ts'
import { eraseUser } from './erase-user.ts'
import type { Feedback, FeedbackResult } from './feedback.ts'
import { createFeedbackCounter } from './feedback-counter.ts'
import { findSimilarItems } from './find-similar-items.ts'
import { historyOf } from './history/history-of.ts'
import type { HistoryStore } from './history/history-store.ts'
import { createMemoryHistoryStore } from './history/memory-history-store.ts'
import type { ItemUpdate, ItemUpdateResult } from './item-update.ts'
import type { ItemStore } from './items/item-store.ts'
import { LiveItems } from './items/live-items.ts'
import { createMemoryItemStore } from './items/memory-item-store.ts'
import { describeOne } from './lifecycle/describe-customer.ts'
import { loadLiveModel } from './load-live-model.ts'
import { mergeUsers } from './merge-users.ts'
import { ModelHolder } from './model-holder.ts'
import { PurchaseFeed } from './purchase-feed.ts'
import { readFeedback } from './read-feedback.ts'
import {
  type CustomerQuestion,
  type Question,
  readCustomerRequest,
  readRequest,
} from './read-request.ts'
import { checkId, checkLength, REQUEST_LIMITS } from './read-value.ts'
import type {
  RecommendRequest,
  RecommendResponse,
  RecordResult,
  UserEvent,
} from './recommendation.ts'
import type { AnswerPath } from './recommendation-id.ts'
import { collectStatistics, type RecommenderStatistics } from './recommender-statistics.ts'
import { recordEvents } from './record-events.ts'
import { replaceModel } from './replace-model.ts'
import type { LoadModelOptions, ServedModel } from './served-model.ts'
import type { SimilarItemsRequest, SimilarItemsResponse } from './similar-items.ts'
import { type OnTiming, timed } from './timing.ts'
import type { ErasureReceipt, MergeReceipt } from './user-erasure.ts'

/** Options of {@link Recommender.load}. */
export interface LoadOptions extends Omit<LoadModelOptions, 'erasures'> {
  /** Where events are kept; closed by whoever opened it. @defaultValue a new {@link createMemoryHistoryStore} */
  readonly store?: HistoryStore | undefined
  /** Where item updates are kept; closed by whoever opened it. @defaultValue a new {@link createMemoryItemStore} */
  readonly items?: ItemStore | undefined
  /** A data set folder whose events are put into the store, so that its users are known. @defaultValue none */
  readonly dataset?: string | undefined
  /** Told how long each step of an answer took. @defaultValue nobody */
  readonly onTiming?: OnTiming | undefined
}

/** What a reload changed. */
export interface ReloadResult {
  readonly modelVersion: string
  readonly previousModelVersion: string
}

/** Requests of a batch that are answered side by side. */
const BATCH_SIZE = 16

/** Answers what customers will want, from a trained artifact and their events. */
export class Recommender {
  readonly #holder: ModelHolder<ServedModel>
  readonly #store: HistoryStore
  readonly #items: LiveItems
  readonly #feed: PurchaseFeed
  readonly #options: LoadOptions
  readonly #feedback = createFeedbackCounter()
  readonly #answers: Record<AnswerPath, number> = { model: 0, popular: 0, similar: 0 }
  #folder: string
  #reloading: Promise<unknown> = Promise.resolve()

  private constructor(parts: {
    readonly folder: string
    readonly model: ServedModel
    readonly store: HistoryStore
    readonly items: LiveItems
    readonly feed: PurchaseFeed
    readonly options: LoadOptions
  }) {
    this.#folder = parts.folder
    this.#holder = new ModelHolder(parts.model)
    this.#store = parts.store
    this.#items = parts.items
    this.#feed = parts.feed
    this.#options = parts.options
    this.#items.start(() => this.#holder.current)
  }

  /**
   * Loads an artifact folder written by `perennial-train`.
   *
   * @throws {@link RecommenderError} `BAD_ARTIFACT`; `INDEX_UNAVAILABLE` if `index` is `hnsw` and
   * hnswlib-node cannot be loaded; `DATASET_MISSING`; `STORE_UNAVAILABLE`; `INVALID_OPTION`.
   * @example
   * const recommender = await Recommender.load('artifact')
   * const { items } = await recommender.recommend({
   *   history: [{ itemId: 'tea', timestamp: '2026-01-31T18:30:00Z' }],
   *   k: 5,
   * })
   */
  static async load(folder: string, options: LoadOptions = {}): Promise<Recommender> {
    const { store = createMemoryHistoryStore(), items: itemStore = createMemoryItemStore() } =
      options
    const feed = new PurchaseFeed()
    const tap = feed.tap()
    const live = await loadLiveModel(folder, { store, items: itemStore }, { ...options, tap })
    tap.finish(live.model)
    const items = new LiveItems(itemStore, live)
    const { model } = live
    return new Recommender({ folder, model, store, items, feed, options })
  }

  /** Name and version of the model, as every response gives it. */
  get modelVersion(): string {
    return this.#holder.current.modelVersion
  }

  /** The search structure in use. */
  get index(): {
    readonly kind: ServedModel['index']['kind']
    readonly numItems: number
    readonly memoryBytes: number
  } {
    const { kind, numItems, memoryBytes } = this.#holder.current.index
    return { kind, numItems, memoryBytes }
  }

  /**
   * Returns the items that a customer will want most, best first.
   *
   * @throws {@link RecommenderError} `INVALID_INPUT` or `INVALID_OPTION` naming the field.
   */
  async recommend(request: RecommendRequest): Promise<RecommendResponse> {
    const question = readRequest(request, Date.now())
    return this.#holder.use((model) => this.#answer(model, question))
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
    checkLength('requests', requests, Infinity)
    const nowMs = Date.now()
    const questions = requests.map((request, i) => {
      try {
        return readRequest(request, nowMs)
      } catch (error) {
        if (!(error instanceof RecommenderError)) throw error
        throw new RecommenderError(error.code, `In requests[${i}]: ${error.message}`)
      }
    })
    return this.#holder.use(async (model) => {
      const responses: RecommendResponse[] = []
      for (let start = 0; start < questions.length; start += BATCH_SIZE) {
        signal?.throwIfAborted()
        const batch = questions.slice(start, start + BATCH_SIZE)
        const answers = batch.map((question) => this.#answer(model, question))
        // Nothing may be under way when the model is freed, also when one of them fails.
        await Promise.allSettled(answers)
        responses.push(...(await Promise.all(answers)))
      }
      return responses
    })
  }

  /**
   * Returns the items most like one.
   *
   * @throws {@link RecommenderError} `UNKNOWN_ITEM`; `INVALID_INPUT` or `INVALID_OPTION` naming the field.
   */
  async similarItems(request: SimilarItemsRequest): Promise<SimilarItemsResponse> {
    const response = await this.#holder.use((model) => findSimilarItems(model, request, Date.now()))
    this.#answers.similar++
    return response
  }

  /**
   * Returns where a customer stands, how likely he buys at all, in each category, and which of his items again.
   *
   * Stage, expected visits and value and `buys` are about days from `asOf` on; on a day on which he bought, from the
   * next day on. Events have no prices here: a visit is worth what its items cost now.
   *
   * @throws {@link RecommenderError} `INVALID_INPUT` or `INVALID_OPTION` naming the field.
   */
  async describeCustomer(request: DescribeCustomerRequest): Promise<CustomerDescription> {
    const question = readCustomerRequest(request, Date.now())
    return this.#holder.use(async (model) => {
      const { events } = await this.#historyOf(question)
      return describeOne(model, question, events)
    })
  }

  /**
   * Stores purchases; later answers for their users count them. All are checked before any is stored, and those of one
   * user are stored together.
   *
   * @returns Once the store has them for good.
   * @throws {@link RecommenderError} `INVALID_INPUT` naming the event and field: nothing is stored then; `STORE_UNAVAILABLE`.
   */
  async recordEvents(events: readonly UserEvent[]): Promise<RecordResult> {
    return this.#holder.use(() =>
      recordEvents(events, {
        store: this.#store,
        feed: this.#feed,
        currentModel: () => this.#holder.current,
      }),
    )
  }

  /**
   * Makes known what a shop says of its items now; new ones are added. All are checked before any is stored.
   *
   * @returns Once the store has them for good.
   * @throws {@link RecommenderError} `INVALID_INPUT` naming the item and field: nothing is stored then; `STORE_UNAVAILABLE`.
   */
  async updateItems(updates: readonly ItemUpdate[]): Promise<ItemUpdateResult> {
    checkLength('items', updates, REQUEST_LIMITS.maxItems)
    return this.#holder.use(() => this.#items.update(updates, Date.now()))
  }

  /**
   * Forgets a user: his stored events, and that the purchases of the shop are his.
   *
   * @returns What was erased where, and what still reflects him until when.
   * @throws {@link RecommenderError} `INVALID_INPUT`; `STORE_UNAVAILABLE`.
   */
  async eraseUser(userId: string): Promise<ErasureReceipt> {
    checkId('userId', userId)
    return this.#holder.use(() => eraseUser(() => this.#holder.current, this.#store, userId))
  }

  /**
   * Moves all that is stored of one user, an anonymous one perhaps, into another.
   *
   * @throws {@link RecommenderError} `INVALID_INPUT` naming the field, also where both are the same; `STORE_UNAVAILABLE`.
   */
  async mergeUsers({
    fromUserId,
    intoUserId,
  }: {
    readonly fromUserId: string
    readonly intoUserId: string
  }): Promise<MergeReceipt> {
    return this.#holder.use((model) => mergeUsers(model, this.#store, { fromUserId, intoUserId }))
  }

  /**
   * Counts what customers did with items of an answer. Items that a known user was shown, or dismissed, go down in his
   * next lists.
   *
   * @throws {@link RecommenderError} `INVALID_INPUT` naming the field; `STORE_UNAVAILABLE`.
   */
  async recordFeedback(feedback: Feedback): Promise<FeedbackResult> {
    const { origin, userId, items, timestampMs } = readFeedback(feedback, Date.now())
    return this.#holder.use(async () => {
      const shown = items.filter(({ outcome }) => outcome === 'shown' || outcome === 'dismissed')
      if (userId !== undefined && shown.length > 0) {
        const itemIds = shown.map(({ itemId }) => itemId)
        await this.#store.markShown(userId, itemIds, timestampMs)
      }
      for (const { outcome } of items) this.#feedback.add(origin, outcome)
      return { accepted: items.length, ...origin }
    })
  }

  /**
   * Puts another artifact, or the folder's new content, in place of the model. Answers under way end with the model that
   * they began with; when the artifact is refused, the model stays as it was.
   *
   * @param folder - Artifact folder. @defaultValue the one loaded last
   * @throws What {@link Recommender.load} throws of the artifact.
   */
  async reload(folder: string = this.#folder): Promise<ReloadResult> {
    this.#holder.checkOpen()
    const reloading = this.#reloading.then(() => this.#replaceModel(folder))
    // One after the other, whatever became of the one before.
    this.#reloading = reloading.catch(() => undefined)
    return reloading
  }

  /** Rewrites the files of the store so that nothing of what was erased is left in them. */
  async compact(): Promise<void> {
    await this.#holder.use(() => this.#store.compact())
  }

  /** What is counted since the start. */
  statistics(): RecommenderStatistics {
    return collectStatistics(this.#holder.current, {
      answers: { ...this.#answers },
      feedback: this.#feedback.counts(),
      store: this.#store.kind,
      numItemProblems: this.#items.numProblems,
      numItemStoreFailures: this.#items.numFailures,
    })
  }

  /**
   * Frees the model once the answers under way are given; stores stay open.
   *
   * Every later call throws `ENGINE_UNAVAILABLE`; closing twice is no error.
   */
  async close(): Promise<void> {
    this.#items.stop()
    await this.#reloading
    await this.#holder.close()
  }

  async #answer(model: ServedModel, question: Question): Promise<RecommendResponse> {
    const { onTiming } = this.#options
    const response = await timed('answer', onTiming, async () => {
      const user = await timed('history', onTiming, () => this.#historyOf(question))
      return answerQuestion(model, question, { user, onTiming })
    })
    this.#answers[response.path]++
    return response
  }

  async #historyOf({ customer }: Pick<Question | CustomerQuestion, 'customer'>) {
    return 'userId' in customer ? this.#store.read(customer.userId) : historyOf(customer.events)
  }

  async #replaceModel(folder: string): Promise<ReloadResult> {
    const previousModelVersion = this.modelVersion
    const modelVersion = await replaceModel(folder, {
      holder: this.#holder,
      store: this.#store,
      items: this.#items,
      feed: this.#feed,
      options: this.#options,
    })
    this.#folder = folder
    return { modelVersion, previousModelVersion }
  }
}
