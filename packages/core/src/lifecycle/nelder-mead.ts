import { checkInteger, checkNumber, RecommenderError } from '../errors.ts'

/** Options of {@link minimize}. */
export interface MinimizeOptions {
  /** First simplex: the start, and the start moved by this along each axis; above 0. @defaultValue 0.5 */
  readonly step?: number | undefined
  /** Ends when the simplex is smaller than this along every axis; above 0. @defaultValue 1e-6 */
  readonly tolerance?: number | undefined
  /** Evaluations after which it gives up; 1 or more. @defaultValue 5000 */
  readonly maxEvaluations?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** The search ends too when all values of the simplex agree to this share: on a ridge its points never meet. */
const VALUE_TOLERANCE = 1e-12

/** What {@link minimize} found. */
export interface Minimum {
  readonly point: Float64Array
  readonly value: number
}

interface Vertex {
  readonly point: Float64Array
  readonly value: number
}

/**
 * Returns a local minimum of a function without derivatives; the same start gives the same result.
 *
 * Reflection 1, expansion 2, contraction and shrinkage 1/2. A value that is not finite counts as infinitely bad, so the
 * function may refuse a region. A search that has ended is started once more from where it ended, since a simplex
 * that has become flat can stop short.
 *
 * @param objective - Is called with a point that it must not keep.
 * @throws {@link RecommenderError} `INVALID_OPTION` for options out of range; `INVALID_INPUT` if the objective is not
 * finite at the start; `TRAINING_DIVERGED` if it has not ended after `maxEvaluations`; `ABORTED`.
 * @see Nelder and Mead 1965, "A simplex method for function minimization".
 */
export function minimize(
  objective: (point: Float64Array) => number,
  start: readonly number[] | Float64Array,
  { step = 0.5, tolerance = 1e-6, maxEvaluations = 5000, signal }: MinimizeOptions = {},
): Minimum {
  checkNumber('step', step, Number.MIN_VALUE)
  checkNumber('tolerance', tolerance, Number.MIN_VALUE)
  checkInteger('maxEvaluations', maxEvaluations, 1)
  let numEvaluations = 0
  const evaluate = (point: Float64Array): Vertex => {
    if (signal?.aborted)
      throw new RecommenderError('ABORTED', 'The search was aborted.', { cause: signal.reason })
    if (++numEvaluations > maxEvaluations) {
      throw new RecommenderError(
        'TRAINING_DIVERGED',
        `Expected the search to end within ${maxEvaluations} evaluations; the data does not determine the parameters.`,
      )
    }
    const value = objective(point)
    return { point, value: Number.isFinite(value) ? value : Infinity }
  }
  const first = evaluate(Float64Array.from(start))
  if (first.value === Infinity) {
    throw new RecommenderError(
      'INVALID_INPUT',
      `Expected a finite objective at the start [${first.point.join(', ')}].`,
    )
  }
  return descend(evaluate, descend(evaluate, first, step, tolerance), step, tolerance)
}

function descend(
  evaluate: (point: Float64Array) => Vertex,
  start: Vertex,
  step: number,
  tolerance: number,
): Vertex {
  const simplex = [start]
  for (let axis = 0; axis < start.point.length; axis++) {
    const point = start.point.slice()
    point[axis] = (point[axis] as number) + step
    simplex.push(evaluate(point))
  }
  while (true) {
    simplex.sort((a, b) => a.value - b.value)
    const best = simplex[0] as Vertex
    const worst = simplex.pop() as Vertex
    if (worst.value - best.value <= VALUE_TOLERANCE * Math.abs(best.value)) return best
    if ([...simplex, worst].every(({ point }) => distance(point, best.point) < tolerance))
      return best
    const secondWorst = simplex.at(-1) as Vertex
    const center = centroid(simplex)
    const along = (factor: number): Vertex =>
      evaluate(center.map((c, i) => c + factor * (c - (worst.point[i] as number))))
    const reflected = along(1)
    if (reflected.value < best.value) {
      const expanded = along(2)
      simplex.push(expanded.value < reflected.value ? expanded : reflected)
    } else if (reflected.value < secondWorst.value) simplex.push(reflected)
    else {
      const contracted = along(reflected.value < worst.value ? 0.5 : -0.5)
      if (contracted.value < Math.min(reflected.value, worst.value)) simplex.push(contracted)
      else {
        for (let i = 1; i < simplex.length; i++) simplex[i] = evaluate(halfway(simplex[i], best))
        simplex.push(evaluate(halfway(worst, best)))
      }
    }
  }
}

function halfway(vertex: Vertex | undefined, best: Vertex): Float64Array {
  return best.point.map((b, i) => 0.5 * (b + ((vertex as Vertex).point[i] as number)))
}

function centroid(vertices: readonly Vertex[]): Float64Array {
  const center = new Float64Array((vertices[0] as Vertex).point.length)
  for (const { point } of vertices)
    for (let i = 0; i < center.length; i++)
      center[i] = (center[i] as number) + (point[i] as number) / vertices.length
  return center
}

function distance(a: Float64Array, b: Float64Array): number {
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - (b[i] as number))), 0)
}
