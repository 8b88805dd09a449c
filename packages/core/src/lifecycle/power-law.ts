/** `P = 1 - exp(-scale * rate^power)`, both above 0: a Poisson event whose rate is known up to a power law. */
export interface PowerLaw {
  readonly scale: number
  readonly power: number
}

/** Rates above 0, and for each whether (1) or not (0) the event came. */
export interface RatedOutcomes {
  readonly rates: readonly number[]
  readonly outcomes: readonly number[]
}

/** What a pull of log scale and power towards 0 and 1 by a distance of 1 costs, in nats. */
const RIDGE = 1
/** Least power: a higher rate never means a lower probability. */
const MIN_POWER = 0.05
/** Rates outside say no more than these; an item that is certain has an infinite one. */
const MIN_RATE = 1e-9
const MAX_RATE = 50
const MAX_STEPS = 50

/**
 * Fits scale and power by maximum likelihood: a regression with complementary log-log link on the log rate,
 * `log(-log(1 - P)) = log scale + power * log rate`, its parameters drawn towards a scale and a power of 1, by Fisher scoring.
 *
 * Without outcomes the law is `P = 1 - exp(-rate)`.
 *
 * @see McCullagh and Nelder 1989, Generalized Linear Models, section 4.3, for the link.
 */
export function fitPowerLaw({ rates, outcomes }: RatedOutcomes): PowerLaw {
  const logRates = Float64Array.from(rates, (rate) =>
    Math.log(Math.min(Math.max(rate, MIN_RATE), MAX_RATE)),
  )
  let logScale = 0
  let power = 1
  let best = penalizedLikelihood(logRates, outcomes, { logScale, power })
  for (let step = 0; step < MAX_STEPS; step++) {
    const move = fisherStep(logRates, outcomes, { logScale, power })
    let size = 1
    let next = best
    // Fisher scoring may overshoot; half a step in its direction always gains in the end.
    for (; size > 1e-6; size /= 2) {
      const tried = {
        logScale: logScale + size * move[0],
        power: Math.max(power + size * move[1], MIN_POWER),
      }
      next = penalizedLikelihood(logRates, outcomes, tried)
      if (next >= best) break
    }
    if (size <= 1e-6) break
    logScale += size * move[0]
    power = Math.max(power + size * move[1], MIN_POWER)
    const gain = next - best
    best = next
    if (gain < 1e-10 * Math.abs(best)) break
  }
  return { scale: Math.exp(logScale), power }
}

interface Parameters {
  readonly logScale: number
  readonly power: number
}

function penalizedLikelihood(
  logRates: Float64Array,
  outcomes: readonly number[],
  { logScale, power }: Parameters,
): number {
  let sum = -0.5 * RIDGE * (logScale * logScale + (power - 1) * (power - 1))
  logRates.forEach((logRate, i) => {
    const mean = Math.exp(logScale + power * logRate)
    sum += outcomes[i] === 1 ? Math.log(-Math.expm1(-mean)) : -mean
  })
  return sum
}

function fisherStep(
  logRates: Float64Array,
  outcomes: readonly number[],
  { logScale, power }: Parameters,
): [number, number] {
  let gradient0 = -RIDGE * logScale
  let gradient1 = -RIDGE * (power - 1)
  let weight00 = RIDGE
  let weight01 = 0
  let weight11 = RIDGE
  logRates.forEach((x, i) => {
    const mean = Math.exp(logScale + power * x)
    // mean exp(-mean) / (1 - exp(-mean)), which goes to 1 as the mean goes to 0 and to 0 as it grows.
    const ratio = mean / Math.expm1(mean)
    const slope = outcomes[i] === 1 ? ratio : -mean
    const weight = mean * ratio
    gradient0 += slope
    gradient1 += slope * x
    weight00 += weight
    weight01 += weight * x
    weight11 += weight * x * x
  })
  const determinant = weight00 * weight11 - weight01 * weight01
  const powerMove = (weight00 * gradient1 - weight01 * gradient0) / determinant
  // At the least power only the scale may still move.
  if (power <= MIN_POWER && powerMove < 0) return [gradient0 / weight00, 0]
  return [(weight11 * gradient0 - weight01 * gradient1) / determinant, powerMove]
}
