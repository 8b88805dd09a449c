import { type EventBatch, RecommenderError } from '@perennial/core'

/** Events of one user, oldest first. */
export interface UserEvents {
  readonly userRow: number
  readonly itemRows: Int32Array
  readonly timestampMs: Float64Array
}

/** Events of several users, one after another. */
export interface UserRuns {
  readonly itemRows: Int32Array
  readonly timestampMs: Float64Array
  /** User of each run. */
  readonly userRows: Int32Array
  /** Run `r` is the range `starts[r] .. starts[r + 1] - 1`; shape `[numRuns + 1]`. */
  readonly starts: Int32Array
}

/** Options of {@link cutRuns}. */
export interface CutRunsOptions {
  /** By event type: whether its events are kept. @defaultValue all are kept */
  readonly keepType: readonly boolean[] | undefined
  /** Events of the user who may go on in this batch, put before their run. */
  readonly before: UserEvents | null
}

/**
 * Cuts a record batch into its users' runs of kept events. The arrays are copies, so the bytes read from the file are
 * free afterwards.
 *
 * @throws {@link RecommenderError} `INVALID_EVENTS` if the batch is not sorted by user and time.
 */
export function cutRuns(batch: EventBatch, { keepType, before }: CutRunsOptions): UserRuns {
  const kept = keepType === undefined ? batch : keepEvents(batch, keepType)
  const { length } = kept.userRows
  const joined = before !== null && before.userRow === kept.userRows[0] ? before : null
  const shift = joined === null ? 0 : joined.itemRows.length
  const itemRows = new Int32Array(shift + length)
  const timestampMs = new Float64Array(shift + length)
  if (joined !== null) {
    itemRows.set(joined.itemRows)
    timestampMs.set(joined.timestampMs)
  }
  itemRows.set(kept.itemRows, shift)
  timestampMs.set(kept.timestampMs, shift)
  const userRows = new Int32Array(length)
  const starts = new Int32Array(length + 1)
  let numRuns = 0
  for (let i = 0; i < length; i++) {
    const user = kept.userRows[i] as number
    const same = i > 0 && user === kept.userRows[i - 1]
    if (!same) {
      userRows[numRuns] = user
      starts[numRuns++] = i === 0 ? 0 : shift + i
    }
    const sorted = same
      ? (kept.timestampMs[i] as number) >= (kept.timestampMs[i - 1] as number)
      : i === 0 || user > (kept.userRows[i - 1] as number)
    if (!sorted) throw outOfOrder(user)
  }
  starts[numRuns] = shift + length
  return {
    itemRows,
    timestampMs,
    userRows: userRows.slice(0, numRuns),
    starts: starts.slice(0, numRuns + 1),
  }
}

/** Returns the events of run `r` as views. */
export function runOf(
  { itemRows, timestampMs, userRows, starts }: UserRuns,
  r: number,
): UserEvents {
  return {
    userRow: userRows[r] as number,
    itemRows: itemRows.subarray(starts[r], starts[r + 1]),
    timestampMs: timestampMs.subarray(starts[r], starts[r + 1]),
  }
}

/** Returns the error for events that are not sorted by user and time. */
export function outOfOrder(userRow: number): RecommenderError {
  return new RecommenderError(
    'INVALID_EVENTS',
    `Expected events sorted by user and time, got those of user row ${userRow} out of order.`,
  )
}

function keepEvents(batch: EventBatch, keepType: readonly boolean[]): EventBatch {
  const kept = new Int32Array(batch.userRows.length)
  let numKept = 0
  for (let i = 0; i < kept.length; i++) {
    if (keepType[batch.eventTypes[i] as number]) kept[numKept++] = i
  }
  const rows = kept.subarray(0, numKept)
  return {
    userRows: rows.map((i) => batch.userRows[i] as number),
    itemRows: rows.map((i) => batch.itemRows[i] as number),
    timestampMs: Float64Array.from(rows, (i) => batch.timestampMs[i] as number),
    eventTypes: rows.map((i) => batch.eventTypes[i] as number),
  }
}
