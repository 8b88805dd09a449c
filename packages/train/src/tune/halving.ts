import type { Trial, TrialRung } from './trial.ts'

/** One round of a search. */
export interface Rung {
  /** Epochs that its trials have behind them at its end. */
  readonly epochs: number
  /** Trials that it runs; fewer where too many of the rung before diverged. */
  readonly numTrials: number
}

/** Returns the rungs of a search: each keeps one trial in `eta` and gives it `eta` times the epochs, until one is left. */
export function planRungs({
  numTrials,
  eta,
  minEpochs,
}: {
  readonly numTrials: number
  readonly eta: number
  readonly minEpochs: number
}): readonly Rung[] {
  const rungs: Rung[] = []
  for (let left = numTrials; left >= 1; left = Math.floor(left / eta))
    rungs.push({ epochs: minEpochs * eta ** rungs.length, numTrials: left })
  return rungs
}

/**
 * Returns the trials that a rung runs: all at first, then the best of those that came through the rung before, ties by
 * number. A trial that broke off in a rung has no score there and goes no further, even if that leaves a rung with fewer.
 *
 * @param rung - 0-based; the rungs before it are done.
 */
export function survivors(
  trials: readonly Trial[],
  { rung, plan }: { readonly rung: number; readonly plan: readonly Rung[] },
): readonly Trial[] {
  let chosen = trials
  for (let r = 0; r < rung; r++) {
    // What a trial did in later rungs must not change who was in this one, or a search that goes on would differ.
    const scoreOf = ({ rungs }: Trial): number => (rungs[r] as TrialRung).ndcg
    chosen = chosen
      .filter(({ rungs }) => rungs.length > r)
      .toSorted((a, b) => scoreOf(b) - scoreOf(a) || a.id - b.id)
      .slice(0, (plan[r + 1] as Rung).numTrials)
  }
  return chosen
}

/** Returns trials from the one that came furthest, and best there, to the worst; those that broke off come last. */
export function rankTrials(trials: readonly Trial[]): readonly Trial[] {
  const lastOf = ({ rungs }: Trial): number => rungs[rungs.length - 1]?.ndcg ?? -1
  const isBroken = ({ failure }: Trial): number => (failure === undefined ? 0 : 1)
  return trials.toSorted(
    (a, b) =>
      isBroken(a) - isBroken(b) ||
      b.rungs.length - a.rungs.length ||
      lastOf(b) - lastOf(a) ||
      a.id - b.id,
  )
}

/**
 * Returns the seconds that a search has left, at the mean seconds an epoch so far; `Infinity` before any are known.
 *
 * @param running - The trial that runs: the epochs and seconds that it has behind it. Its own `rungs` do not count then.
 */
export function searchSecondsLeft(
  trials: readonly Trial[],
  {
    rung,
    plan,
    running,
  }: {
    readonly rung: number
    readonly plan: readonly Rung[]
    readonly running?: { readonly id: number } & Pick<TrialRung, 'epochs' | 'seconds'>
  },
): number {
  const doneOf = ({ id, rungs }: Trial): Pick<TrialRung, 'epochs' | 'seconds'> =>
    running?.id === id ? running : (rungs[rungs.length - 1] ?? { epochs: 0, seconds: 0 })
  let epochs = 0
  let seconds = 0
  for (const trial of trials) {
    const done = doneOf(trial)
    epochs += done.epochs
    seconds += done.seconds
  }
  if (epochs === 0) return Infinity
  const epochsAt = (r: number): number => plan[r]?.epochs ?? 0
  let left = 0
  for (const trial of survivors(trials, { rung, plan })) {
    if (trial.failure === undefined) left += Math.max(0, epochsAt(rung) - doneOf(trial).epochs)
  }
  for (let r = rung + 1; r < plan.length; r++)
    left += (plan[r] as Rung).numTrials * (epochsAt(r) - epochsAt(r - 1))
  return left * (seconds / epochs)
}
