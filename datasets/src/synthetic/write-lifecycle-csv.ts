import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { replaceFile } from '@perennial/core'
import { format } from 'fast-csv'
import { createAssortment } from './assortment.ts'
import { createCustomer } from './create-customer.ts'
import { createRowWriter, EVENT_HEADER, type RowTally } from './create-rows.ts'
import {
  createLifecycleConfig,
  type LifecycleConfig,
  type LifecycleOptions,
} from './lifecycle-config.ts'

/** Options of {@link writeLifecycleCsv}. */
export interface WriteLifecycleOptions extends LifecycleOptions {
  readonly signal?: AbortSignal | undefined
  /** Called after each thousand customers with the number written. */
  readonly onProgress?: ((numUsers: number) => void) | undefined
}

/** What `truth.json` says of the whole log, beside the truth of each customer. */
export interface LifecycleManifest {
  readonly options: LifecycleConfig
  readonly rows: Readonly<RowTally>
}

/**
 * Writes `events.csv`, `items.csv` and `truth.json` as a merchant would export them, and returns the manifest.
 *
 * Memory does not grow with the number of customers: rows stand by customer, and customers are drawn
 * a second time for `truth.json`. The same options give the same bytes.
 *
 * @throws {@link RecommenderError} `INVALID_OPTION` if a value is out of range.
 */
export async function writeLifecycleCsv(
  folder: string,
  { signal, onProgress, ...options }: WriteLifecycleOptions = {},
): Promise<LifecycleManifest> {
  const config = createLifecycleConfig(options)
  const assortment = createAssortment(config)
  const writer = createRowWriter(config, assortment.items)
  const { users } = config
  const drawAll = function* (): Generator<[number, ReturnType<typeof createCustomer>]> {
    for (let userRow = 0; userRow < users; userRow++) {
      yield [userRow, createCustomer(userRow, config, assortment)]
    }
  }
  const eventRows = function* (): Generator<readonly string[]> {
    yield EVENT_HEADER
    for (const [userRow, { events }] of drawAll()) {
      yield* writer.createRows(userRow, events)
      if ((userRow + 1) % 1000 === 0) onProgress?.(userRow + 1)
    }
  }
  const itemRows = function* (): Generator<readonly string[]> {
    yield ['sku', 'title', 'category', 'price']
    for (const { itemId, title = '', categoryPath = [], price = 0 } of assortment.items) {
      yield [itemId, title, categoryPath.join(' > '), price.toFixed(2)]
    }
  }
  await writeCsv(join(folder, 'events.csv'), eventRows(), signal)
  await writeCsv(join(folder, 'items.csv'), itemRows(), signal)
  const manifest: LifecycleManifest = { options: config, rows: writer.tally }
  const truthLines = function* (): Generator<string> {
    yield `{"manifest":${JSON.stringify(manifest)},\n"users":[\n`
    for (const [userRow, { truth }] of drawAll()) {
      yield `${JSON.stringify(truth)}${userRow + 1 < users ? ',' : ''}\n`
    }
    yield ']}\n'
  }
  await replaceFile(join(folder, 'truth.json'), (temporary) =>
    pipeline(Readable.from(truthLines()), createWriteStream(temporary), pipeOptions(signal)),
  )
  return manifest
}

async function writeCsv(
  path: string,
  rows: Iterable<readonly string[]>,
  signal: AbortSignal | undefined,
): Promise<void> {
  await replaceFile(path, (temporary) =>
    pipeline(
      Readable.from(rows),
      format({ headers: false, includeEndRowDelimiter: true }),
      createWriteStream(temporary),
      pipeOptions(signal),
    ),
  )
}

function pipeOptions(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal }
}
