import { checkItemBatch } from '@perennial/core'
import type { ItemUpdate, ItemUpdateResult } from '../item-update.ts'
import { applyStoredItems, type LiveModel } from '../load-live-model.ts'
import { readItemUpdate } from '../read-item-update.ts'
import type { ServedModel } from '../served-model.ts'
import { applyItems } from './apply-items.ts'
import type { ItemStore } from './item-store.ts'

/** How often updates by other processes are looked for, in milliseconds. */
const POLL_MS = 1000

/** Brings item updates into a store and into the model that answers, one batch at a time. */
export class LiveItems {
  readonly store: ItemStore
  #currentModel: (() => ServedModel) | undefined
  #sequence: number
  #lastWork: Promise<unknown> = Promise.resolve()
  #timer: NodeJS.Timeout | undefined
  #numProblems: number
  #numFailures = 0

  constructor(store: ItemStore, { itemSequence, itemProblems }: LiveModel) {
    this.store = store
    this.#sequence = itemSequence
    this.#numProblems = itemProblems.length
  }

  /** Items of the store that could not be applied. */
  get numProblems(): number {
    return this.#numProblems
  }

  /** Times that updates by other processes could not be read. */
  get numFailures(): number {
    return this.#numFailures
  }

  /** Begins to serve a model; where other processes may update items, looks for that every second. */
  start(currentModel: () => ServedModel): void {
    this.#currentModel = currentModel
    if (this.store.kind !== 'redis') return
    let isLooking = false
    this.#timer = setInterval(() => {
      // A slow store must not pile up looks, behind which updates would wait.
      if (isLooking) return
      isLooking = true
      this.#inTurn(() => this.#catchUp(currentModel()))
        .catch(() => {
          this.#numFailures++
        })
        .finally(() => {
          isLooking = false
        })
    }, POLL_MS)
    this.#timer.unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /**
   * Checks updates, stores them and applies them.
   *
   * @throws {@link RecommenderError} `INVALID_INPUT` naming item and field: nothing is stored then; `STORE_UNAVAILABLE`.
   */
  update(updates: readonly ItemUpdate[], nowMs: number): Promise<ItemUpdateResult> {
    return this.#inTurn(async () => {
      const model = this.#model()
      const checked = updates.map((update, i) => readItemUpdate(update, `items[${i}]`, nowMs))
      checkItemBatch(
        model.attributes,
        checked.map(({ changes }) => changes),
        'items',
      )
      await this.store.put(checked)
      return applyItems(this.#model(), checked)
    })
  }

  /** Makes a model that is about to answer know what came while it was loaded. */
  replace({ model, itemSequence, itemProblems }: LiveModel): Promise<void> {
    return this.#inTurn(async () => {
      this.#sequence = itemSequence
      this.#numProblems = itemProblems.length
      await this.#catchUp(model)
    })
  }

  async #catchUp(model: ServedModel): Promise<void> {
    const { sequence, items } = await this.store.changesSince(this.#sequence)
    const problems = await applyStoredItems(model, items)
    this.#numProblems += problems.length
    this.#sequence = sequence
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#lastWork.then(work)
    this.#lastWork = result.catch(() => undefined)
    return result
  }

  #model(): ServedModel {
    if (this.#currentModel === undefined) throw new Error('internal: items were not started')
    return this.#currentModel()
  }
}
