import { RecommenderError } from '../errors.ts'
import type { EventTable } from './event-table.ts'

/**
 * All users' events, each user's oldest first, as offsets and columns (compressed sparse rows).
 *
 * The sequence of user row `u` is the range `offsets[u] .. offsets[u + 1] - 1` of every column.
 */
export interface Sequences {
  readonly numUsers: number
  /** Shape `[numUsers + 1]`, not decreasing, first value 0. */
  readonly offsets: Int32Array
  readonly itemRows: Int32Array
  readonly timestampMs: Float64Array
  readonly quantities: Float32Array
  readonly prices: Float32Array
}

/** The part of one user's sequence that a scorer sees, as views (not copies). */
export interface History {
  /** Whose it is, where that is a user of the data set: who must not count among his own neighbours. */
  readonly userRow?: number | undefined
  /** Item rows `1..numItems`, oldest first. */
  readonly itemRows: Int32Array
  readonly timestampMs: Float64Array
  readonly quantities: Float32Array
  /** The time of the question. No event of the history is later. */
  readonly asOfMs: number
}

/** Options of {@link buildSequences}. */
export interface BuildSequencesOptions {
  /** Names of the event types to keep. @defaultValue all */
  readonly eventTypes?: readonly string[] | undefined
}

/**
 * Builds sequences from checked events.
 *
 * @throws {@link RecommenderError} `INVALID_EVENTS` if the table is not sorted by user and time;
 * `INVALID_OPTION` if an event type is not in the table.
 */
export function buildSequences(
  events: EventTable,
  { eventTypes }: BuildSequencesOptions = {},
): Sequences {
  const keepType = chooseTypes(events.eventTypeNames, eventTypes)
  const { userRows, itemRows, timestampMs } = events
  const numUsers = events.userIds.length
  const offsets = new Int32Array(numUsers + 1)
  const kept = new Int32Array(userRows.length)
  let numKept = 0
  for (let i = 0; i < userRows.length; i++) {
    if (i > 0) checkOrder(userRows, timestampMs, i)
    if (!keepType[events.eventTypes[i] as number]) continue
    kept[numKept++] = i
    const user = userRows[i] as number
    offsets[user + 1] = (offsets[user + 1] as number) + 1
  }
  for (let u = 0; u < numUsers; u++) {
    offsets[u + 1] = (offsets[u + 1] as number) + (offsets[u] as number)
  }
  const rows = kept.subarray(0, numKept)
  return {
    numUsers,
    offsets,
    itemRows:
      numKept === itemRows.length ? itemRows : Int32Array.from(rows, (i) => itemRows[i] as number),
    timestampMs: Float64Array.from(rows, (i) => timestampMs[i] as number),
    quantities: Float32Array.from(rows, (i) => events.quantities[i] as number),
    prices: Float32Array.from(rows, (i) => events.prices[i] as number),
  }
}

/**
 * Returns the history of user row `userRow` up to event position `end` (exclusive).
 *
 * @param end - Absolute position in the columns, within `offsets[userRow] .. offsets[userRow + 1]`.
 */
export function historyOf(
  sequences: Sequences,
  userRow: number,
  end: number,
  asOfMs: number,
): History {
  const start = sequences.offsets[userRow] as number
  return {
    userRow,
    itemRows: sequences.itemRows.subarray(start, end),
    timestampMs: sequences.timestampMs.subarray(start, end),
    quantities: sequences.quantities.subarray(start, end),
    asOfMs,
  }
}

function chooseTypes(names: readonly string[], wanted: readonly string[] | undefined): boolean[] {
  for (const name of wanted ?? []) {
    if (names.includes(name)) continue
    throw new RecommenderError(
      'INVALID_OPTION',
      `Expected \`eventTypes\` to name types of this table (${names.join(', ')}), got '${name}'.`,
    )
  }
  return names.map((name) => wanted === undefined || wanted.includes(name))
}

function checkOrder(userRows: Int32Array, timestampMs: Float64Array, i: number): void {
  const user = userRows[i] as number
  const before = userRows[i - 1] as number
  if (
    user > before ||
    (user === before && (timestampMs[i] as number) >= (timestampMs[i - 1] as number))
  )
    return
  throw new RecommenderError(
    'INVALID_EVENTS',
    `Expected events sorted by user and time, got event ${i} out of order (user row ${user} after ${before}).`,
  )
}
