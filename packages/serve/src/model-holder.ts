import { RecommenderError } from '@perennial/core'

/** What can be held: something to be freed once nobody uses it. */
interface Releasable {
  release(): Promise<void>
}

/** One held model, and how many answers use it. */
interface Held<M> {
  readonly model: M
  numUsers: number
  isRetired: boolean
  isReleased: boolean
  readonly released: PromiseWithResolvers
}

interface PromiseWithResolvers {
  readonly promise: Promise<void>
  resolve(): void
  reject(error: unknown): void
}

/**
 * Holds the model that answers, and lets another take its place while answers are under way: each ends with the model
 * that it began with, and a model is freed when the last of them has ended.
 */
export class ModelHolder<M extends Releasable> {
  #held: Held<M>
  #isClosed = false

  constructor(model: M) {
    this.#held = hold(model)
  }

  /** The model that new answers use. */
  get current(): M {
    return this.#held.model
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /**
   * Runs `work` with the current model, which is not freed before it ends.
   *
   * @throws {@link RecommenderError} `ENGINE_UNAVAILABLE` after {@link ModelHolder.close}.
   */
  async use<T>(work: (model: M) => Promise<T>): Promise<T> {
    this.checkOpen()
    const held = this.#held
    held.numUsers++
    try {
      return await work(held.model)
    } finally {
      held.numUsers--
      releaseIfUnused(held)
    }
  }

  /** Puts another model in place; resolves once the one before is freed. */
  async replace(model: M): Promise<void> {
    this.checkOpen()
    const before = this.#held
    this.#held = hold(model)
    before.isRetired = true
    releaseIfUnused(before)
    await before.released.promise
  }

  /** Ends the use; resolves once what was under way has ended and the model is freed. Closing twice is no error. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#held.isRetired = true
    releaseIfUnused(this.#held)
    await this.#held.released.promise
  }

  /** Throws `ENGINE_UNAVAILABLE` after {@link ModelHolder.close}. */
  checkOpen(): void {
    if (!this.#isClosed) return
    throw new RecommenderError(
      'ENGINE_UNAVAILABLE',
      'Expected an open recommender, got one that was closed. Load the artifact again.',
    )
  }
}

function hold<M extends Releasable>(model: M): Held<M> {
  return { model, numUsers: 0, isRetired: false, isReleased: false, released: createResolvers() }
}

function releaseIfUnused<M extends Releasable>(held: Held<M>): void {
  if (!held.isRetired || held.numUsers > 0 || held.isReleased) return
  held.isReleased = true
  held.model.release().then(held.released.resolve, held.released.reject)
}

/** `Promise.withResolvers`, which Node 20 lacks. */
function createResolvers(): PromiseWithResolvers {
  let resolvers: Omit<PromiseWithResolvers, 'promise'> | undefined
  const promise = new Promise<void>((resolve, reject) => {
    resolvers = { resolve, reject }
  })
  return { promise, ...(resolvers as Omit<PromiseWithResolvers, 'promise'>) }
}
