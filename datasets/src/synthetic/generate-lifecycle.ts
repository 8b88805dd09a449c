import type { ItemRecord } from '@perennial/core'
import { createAssortment } from './assortment.ts'
import { type CustomerTruth, createCustomer, type LifecycleEvent } from './create-customer.ts'
import { createLifecycleConfig, type LifecycleOptions } from './lifecycle-config.ts'

/** A synthetic shop whose customers' needs are known. */
export interface Lifecycle {
  /** By customer, each customer's oldest first. */
  readonly events: readonly LifecycleEvent[]
  readonly items: readonly ItemRecord[]
  /** One entry a customer, in the order of `events`. */
  readonly truth: readonly CustomerTruth[]
}

/**
 * Generates a shop in memory; the same options give the same result.
 *
 * @throws {@link RecommenderError} `INVALID_OPTION` if a value is out of range.
 */
export function generateLifecycle(options: LifecycleOptions = {}): Lifecycle {
  const config = createLifecycleConfig(options)
  const assortment = createAssortment(config)
  const customers = Array.from({ length: config.users }, (_, userRow) =>
    createCustomer(userRow, config, assortment),
  )
  return {
    events: customers.flatMap(({ events }) => events),
    items: assortment.items,
    truth: customers.map(({ truth }) => truth),
  }
}
