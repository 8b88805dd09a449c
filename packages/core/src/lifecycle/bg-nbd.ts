import { checkNumber, RecommenderError } from '../errors.ts'
import { weightedHypergeometric } from './hypergeometric.ts'
import { logGamma } from './log-gamma.ts'
import { minimize } from './nelder-mead.ts'
import type { VisitCounts } from './purchase-counts.ts'

/**
 * A fitted BG/NBD model: customers buy at their own rate, `Gamma(r, alpha)` over customers, until they drop out, which each
 * does after a purchase with his own probability, `Beta(a, b)` over customers.
 */
export interface BgNbdModel {
  readonly r: number
  /** In units of time, as the counts. */
  readonly alpha: number
  readonly a: number
  readonly b: number
  /** Days in one unit of time. */
  readonly unitDays: number
  readonly logLikelihood: number
  readonly numCustomers: number
}

/** Options of {@link fitBgNbd}. */
export interface FitBgNbdOptions {
  /** A model to search from, such as that of a nearby day: several times faster. @defaultValue three starts */
  readonly start?: Pick<BgNbdModel, 'r' | 'alpha' | 'a' | 'b'> | undefined
  readonly signal?: AbortSignal | undefined
}

/** Mean rate of drop-out and spread of the rates that searches start from. */
const STARTS = [
  { r: 1, a: 1, b: 3 },
  { r: 0.3, a: 1, b: 3 },
  { r: 1, a: 0.1, b: 1 },
] as const

/** Logs of parameters beyond this are refused: the likelihood hardly changes there, and is rounded the more. */
const MAX_LOG = 12
/** Half the width of the interval around `a = 1` that the expectation is taken across. */
const POLE_WIDTH = 1e-5

/**
 * Returns the BG/NBD model of largest likelihood.
 *
 * The logs of the parameters are searched by the simplex method from three starts,
 * `(r, a, b) = (1, 1, 3), (.3, 1, 3), (1, .1, 1)` with `alpha = r sum(T) / sum(x)`; the best end is taken.
 *
 * @throws {@link RecommenderError} `INVALID_INPUT` if nobody has a repeat visit or time to make one; `TRAINING_DIVERGED`
 * if no search ends; `ABORTED`.
 * @see Fader, Hardie and Lee 2005, "Counting Your Customers" the Easy Way, eq. 6.
 */
export function fitBgNbd(counts: VisitCounts, { start, signal }: FitBgNbdOptions = {}): BgNbdModel {
  const totalVisits = counts.frequencies.reduce((sum, x) => sum + x, 0)
  const totalAge = counts.ages.reduce((sum, age) => sum + age, 0)
  if (totalVisits === 0 || totalAge === 0) {
    throw new RecommenderError(
      'INVALID_INPUT',
      `Expected customers with repeat visits to fit BG/NBD, got ${totalVisits} repeat visits of ${counts.ages.length} customers.`,
    )
  }
  const likelihood = createLogLikelihood(counts)
  const starts =
    start === undefined
      ? STARTS.map(({ r, a, b }) => [r, (r * totalAge) / totalVisits, a, b])
      : [[start.r, start.alpha, start.a, start.b]]
  const step = start === undefined ? 0.5 : 0.05
  const ends = starts.map((parameters) =>
    minimize((logs) => -likelihood(logs), parameters.map(Math.log), { step, signal }),
  )
  const best = ends.reduce((least, end) => (end.value < least.value ? end : least))
  const [r, alpha, a, b] = Array.from(best.point, Math.exp) as [number, number, number, number]
  const numCustomers = counts.ages.length
  return { r, alpha, a, b, unitDays: counts.unitDays, logLikelihood: -best.value, numCustomers }
}

/**
 * Returns how many visits each customer is expected to make in the `horizonDays` days from the cut on.
 *
 * The number to rank customers by, for activity and for value. With `z = t / (alpha + T + t)`:
 * `E[Y(t)] = P(alive) (a + b + x - 1) / (a - 1) [1 - (1 - z)^(r + x) 2F1(r + x, b + x; a + b + x - 1; z)]`.
 *
 * @returns Shape `[numCustomers]`, by entry of `counts`; 0 or more.
 * @throws {@link RecommenderError} `INVALID_OPTION` if the horizon is negative or the units of time differ.
 * @see Fader, Hardie and Lee 2005, eq. 10. Differs: at `a = 1`, where the fraction has no value, the mean of both sides of it.
 */
export function expectedVisits(
  model: BgNbdModel,
  counts: VisitCounts,
  horizonDays: number,
): Float64Array {
  const t = unitsIn(horizonDays, model, counts)
  const { a } = model
  const isPole = Math.abs(a - 1) < POLE_WIDTH
  return aliveProbability(model, counts).map((alive, i) => {
    const x = counts.frequencies[i] as number
    const age = counts.ages[i] as number
    const visits = isPole
      ? (visitsIfAlive({ ...model, a: 1 - POLE_WIDTH }, x, age, t) +
          visitsIfAlive({ ...model, a: 1 + POLE_WIDTH }, x, age, t)) /
        2
      : visitsIfAlive(model, x, age, t)
    return alive * visits
  })
}

/**
 * Returns the probability that each customer makes a visit in the `horizonDays` days from the cut on.
 *
 * `P(alive) (1 - ((alpha + T) / (alpha + T + t))^(r + x))`: the next visit of a customer who is alive always happens, since
 * drop-out follows a visit.
 *
 * @returns Shape `[numCustomers]`, by entry of `counts`, within `[0, 1]`.
 * @throws {@link RecommenderError} `INVALID_OPTION` if the horizon is negative or the units of time differ.
 */
export function visitProbability(
  model: BgNbdModel,
  counts: VisitCounts,
  horizonDays: number,
): Float64Array {
  const t = unitsIn(horizonDays, model, counts)
  return aliveProbability(model, counts).map((alive, i) => {
    const shape = model.r + (counts.frequencies[i] as number)
    const rate = model.alpha + (counts.ages[i] as number)
    return alive * -Math.expm1(-shape * Math.log1p(t / rate))
  })
}

/**
 * Returns the probability that each customer has not dropped out for good: the posterior of a state that nobody observes.
 *
 * Unfit to rank customers by their risk of leaving: it is 1 for all who bought once, however long ago, so on the CDNOW
 * sample it ranks who buys again worse than chance (AUC .32). Rank by {@link expectedVisits}.
 *
 * @returns Shape `[numCustomers]`, by entry of `counts`, within `[0, 1]`.
 * @throws {@link RecommenderError} `INVALID_OPTION` if the units of time differ.
 * @see Fader, Hardie and Lee 2008, "Computing P(alive) using the BG/NBD model", eq. 7.
 */
export function aliveProbability(model: BgNbdModel, counts: VisitCounts): Float64Array {
  unitsIn(0, model, counts)
  const { r, alpha, a, b } = model
  return counts.frequencies.map((x, i) => {
    if (x === 0) return 1
    const ratio = (alpha + (counts.ages[i] as number)) / (alpha + (counts.recencies[i] as number))
    return 1 / (1 + (a / (b + x - 1)) * ratio ** (r + x))
  })
}

function visitsIfAlive(
  { r, alpha, a, b }: Pick<BgNbdModel, 'r' | 'alpha' | 'a' | 'b'>,
  x: number,
  age: number,
  t: number,
): number {
  const c = a + b + x - 1
  return (c - weightedHypergeometric(r + x, b + x, c, t / (alpha + age + t))) / (a - 1)
}

function unitsIn(horizonDays: number, model: BgNbdModel, counts: VisitCounts): number {
  checkNumber('horizonDays', horizonDays, 0)
  if (model.unitDays === counts.unitDays) return horizonDays / model.unitDays
  throw new RecommenderError(
    'INVALID_OPTION',
    `Expected counts in the model's unit of ${model.unitDays} days, got \`unitDays\` ${counts.unitDays}.`,
  )
}

/** Returns the log-likelihood as a function of the logs of `r, alpha, a, b`; `-Infinity` out of bounds. */
function createLogLikelihood(counts: VisitCounts): (logs: Float64Array) => number {
  const { frequencies, recencies, ages } = counts
  // What depends on x alone is computed once for each x: most customers share theirs.
  const byFrequency = new Map([...new Set(frequencies)].map((x, n) => [x, n]))
  const places = Int32Array.from(frequencies, (x) => byFrequency.get(x) as number)
  const common = new Float64Array(byFrequency.size)
  const leaving = new Float64Array(byFrequency.size)
  return (logs) => {
    if (logs.some((log) => Math.abs(log) > MAX_LOG)) return -Infinity
    const [r, alpha, a, b] = Array.from(logs, Math.exp) as [number, number, number, number]
    const constant = r * Math.log(alpha) - logGamma(r) + logGamma(a + b) - logGamma(b)
    for (const [x, n] of byFrequency) {
      common[n] = constant + logGamma(r + x) + logGamma(b + x) - logGamma(a + b + x)
      if (x > 0) leaving[n] = Math.log(a / (b + x - 1))
    }
    let sum = 0
    for (let i = 0; i < places.length; i++) {
      const x = frequencies[i] as number
      const place = places[i] as number
      const age = alpha + (ages[i] as number)
      sum += (common[place] as number) - (r + x) * Math.log(age)
      if (x === 0) continue
      // The log of the odds that he left after his last visit; added is `log(1 + exp(lead))`, without overflow.
      const lead =
        (leaving[place] as number) + (r + x) * Math.log(age / (alpha + (recencies[i] as number)))
      sum += lead > 0 ? lead + Math.log1p(Math.exp(-lead)) : Math.log1p(Math.exp(lead))
    }
    return sum
  }
}
