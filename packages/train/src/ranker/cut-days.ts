import { dayOf, type Sequences } from '@perennial/core'

/** Days on which questions are asked, for training and for choosing. */
export interface CutDays {
  /** Newest first; the window of each closes before the next one opens. */
  readonly validation: readonly number[]
  /** Cuts that the rankers compared on validation learn from. */
  readonly training: readonly number[]
  /** Cuts that the final ranker learns from: the newest that close before the test. */
  readonly final: readonly number[]
  /** Cuts from which on it is learned when purchases come. */
  readonly timing: readonly number[]
}

/** Cuts that a ranker learns from: more bring nothing (docs/benchmarks.md). */
const NUM_TRAINING_CUTS = 6
const NUM_VALIDATION_CUTS = 2
/** Timing cuts reach back far enough for purchases half a year later to be seen. */
const NUM_TIMING_CUTS = 10
const MAX_TIMING_SPACING_DAYS = 28

/** Returns cuts one horizon apart before the test cut, none earlier than a horizon after the first event. */
export function chooseCutDays(
  { timestampMs }: Sequences,
  { testCutDay, horizonDays }: { readonly testCutDay: number; readonly horizonDays: number },
): CutDays {
  const firstDay = dayOf(timestampMs.reduce((min, time) => Math.min(min, time), Infinity))
  const cuts: number[] = []
  for (let n = 1; n <= NUM_VALIDATION_CUTS + NUM_TRAINING_CUTS; n++) {
    const cut = testCutDay - n * horizonDays
    // The newest window validates even where it is all but the first days of the log.
    if (cut >= firstDay + horizonDays || (n === 1 && cut > firstDay)) cuts.push(cut)
  }
  // With few windows in the data, one validates: rungs that need training are tried only if one more is left to train on.
  const numValidation = cuts.length > NUM_VALIDATION_CUTS ? NUM_VALIDATION_CUTS : 1
  return {
    validation: cuts.slice(0, numValidation),
    training: cuts.slice(numValidation, numValidation + NUM_TRAINING_CUTS),
    final: cuts.slice(0, NUM_TRAINING_CUTS),
    timing: Array.from(
      { length: NUM_TIMING_CUTS },
      (_, n) => testCutDay - (n + 1) * Math.min(MAX_TIMING_SPACING_DAYS, horizonDays),
    ).filter((day) => day >= firstDay + horizonDays),
  }
}
