import { type TrainingRangeConfig, trainingStart } from '../training-range.ts'

/** What is trained on and what validation asks, for events that are read one user at a time. */
export type ShardSplit =
  | {
      /** As `splitByTime`: training ends at one time, and all items of the horizon after it are targets. */
      readonly kind: 'time'
      readonly validationCutMs: number
      readonly horizonMs: number
    }
  | {
      /** As `splitLeaveOneOut`: of three or more events the last is left for a test, the one before is the target. */
      readonly kind: 'leave-one-out'
    }

/** Fewest events of a user whose last two are left out. */
const MIN_LENGTH = 3
const LEFT_OUT = 2

/** Returns how many of a user's events, given by their times, are trained on. */
export function trainLengthOf(split: ShardSplit, timestampMs: Float64Array): number {
  const { length } = timestampMs
  if (split.kind === 'leave-one-out') return length < MIN_LENGTH ? length : length - LEFT_OUT
  return countBefore(timestampMs, split.validationCutMs)
}

/**
 * Returns which of a user's events training may still take, whatever events are to come: the tail that a user who goes
 * on in the next record batch is remembered by.
 */
export function tailStart(
  split: ShardSplit,
  timestampMs: Float64Array,
  config: TrainingRangeConfig,
): { readonly start: number; readonly end: number } {
  const leaveOut = split.kind === 'leave-one-out'
  const end = leaveOut ? timestampMs.length : countBefore(timestampMs, split.validationCutMs)
  const sure = timestampMs.subarray(0, leaveOut ? Math.max(0, end - LEFT_OUT) : end)
  return { start: trainingStart(sure, config) ?? 0, end }
}

/** A user's validation question. */
export interface ShardQuestion {
  /** Events of the history, which are the user's training events. */
  readonly historyEnd: number
  readonly asOfMs: number
  /** Distinct item rows. */
  readonly targets: Int32Array
}

/** Returns what validation asks of a user, or `undefined` when it asks nothing. */
export function questionOf(
  split: ShardSplit,
  { itemRows, timestampMs }: { readonly itemRows: Int32Array; readonly timestampMs: Float64Array },
): ShardQuestion | undefined {
  const historyEnd = trainLengthOf(split, timestampMs)
  if (split.kind === 'leave-one-out') {
    if (historyEnd === timestampMs.length) return undefined
    return {
      historyEnd,
      asOfMs: timestampMs[historyEnd] as number,
      targets: itemRows.slice(historyEnd, historyEnd + 1),
    }
  }
  const end = countBefore(timestampMs, split.validationCutMs + split.horizonMs)
  if (historyEnd === 0 || end === historyEnd) return undefined
  return {
    historyEnd,
    asOfMs: split.validationCutMs,
    targets: Int32Array.from(new Set(itemRows.subarray(historyEnd, end))),
  }
}

function countBefore(timestampMs: Float64Array, cutMs: number): number {
  let low = 0
  let high = timestampMs.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((timestampMs[middle] as number) < cutMs) low = middle + 1
    else high = middle
  }
  return low
}
