import { checkChoice, checkNumber, createRng, RecommenderError } from '@perennial/core'
import { checkOptions } from '../fit/check-options.ts'
import { type FitOptions, FULL_SOFTMAX_LIMIT, OPTION_NAMES } from '../fit/options.ts'
import type { Trial } from './trial.ts'

/** Values of one option: listed ones, or a range. */
export type SearchRange =
  | { readonly choices: readonly unknown[] }
  | {
      readonly min: number
      readonly max: number
      /** `log`: every factor is as likely; `linear`: every difference. */
      readonly scale: 'log' | 'linear'
      /** Whether only whole numbers are drawn, both ends included. @defaultValue false */
      readonly integer?: boolean | undefined
    }

/** What is searched: ranges by option, those of the network as `encoder.dim`. An option with one choice is fixed. */
export type SearchSpace = Readonly<Record<string, SearchRange>>

/** Options that the search decides itself, or that change what is measured and not the model. */
const RESERVED: readonly string[] = [
  ...['seed', 'maxEpochs', 'maxSeconds', 'patience', 'learningRateDecay'],
  ...['validateEvery', 'validationUsers', 'excludeSeen'],
]

/** Draws of options have a stream of their own, apart from those of training. */
const STREAM = 31

/**
 * Returns the space that is searched when none is given, at sizes that suit a shop: the network's size, what keeps it
 * from learning by heart, step size, and objective with its negatives.
 */
export function defaultSpace(numItems: number): SearchSpace {
  const sampled = ['sampled-softmax', 'gbce']
  const numNegatives = [128, 512].filter((count) => count <= numItems)
  return {
    'encoder.block': { choices: ['sasrec', 'ligr'] },
    'encoder.dim': { choices: [32, 64, 128] },
    'encoder.numBlocks': { choices: [1, 2, 3] },
    'encoder.numHeads': { choices: [1, 2, 4] },
    'encoder.dropout': { min: 0.1, max: 0.5, scale: 'linear' },
    learningRate: { min: 5e-4, max: 5e-3, scale: 'log' },
    batchSize: { choices: [32, 128] },
    loss: { choices: numItems <= FULL_SOFTMAX_LIMIT ? ['softmax', ...sampled] : sampled },
    numNegatives: { choices: numNegatives.length === 0 ? [numItems] : numNegatives },
    negativeSampling: { choices: ['uniform', 'popularity'] },
    popularityExponent: { min: 0.25, max: 1, scale: 'linear' },
  }
}

/**
 * Checks a space that came from outside.
 *
 * @throws {@link RecommenderError} `INVALID_OPTION` naming the path of what is wrong, as `space.encoder.dim`.
 */
export function checkSpace(space: SearchSpace): void {
  const paths = [
    ...OPTION_NAMES.fit.filter((name) => !RESERVED.includes(name)),
    ...OPTION_NAMES.encoder.map((name) => `encoder.${name}`),
  ]
  if (!isRecord(space) || Object.keys(space).length === 0) {
    throw invalid('space', 'an object that names at least one option', space)
  }
  for (const [path, range] of Object.entries(space)) {
    checkChoice('space', path, paths)
    for (const value of checkRange(`space.${path}`, range)) checkValue(path, value)
  }
}

/** Checks the form of a range, and returns values of it that stand for all others. */
function checkRange(name: string, range: SearchRange): readonly unknown[] {
  if (!isRecord(range)) throw invalid(name, '`choices`, or `min`, `max` and `scale`', range)
  const isList = 'choices' in range
  const keys = isList ? ['choices'] : ['min', 'max', 'scale', 'integer']
  for (const key of Object.keys(range)) checkChoice(name, key, keys)
  if (isList) {
    if (Array.isArray(range.choices) && range.choices.length > 0) return range.choices
    throw invalid(`${name}.choices`, 'a list of at least one value', range.choices)
  }
  const { min, max, scale, integer = false } = range
  checkChoice(`${name}.scale`, scale, ['log', 'linear'])
  checkNumber(`${name}.min`, min, scale === 'log' ? Number.MIN_VALUE : -Infinity)
  checkNumber(`${name}.max`, max, min)
  if (typeof integer !== 'boolean') throw invalid(`${name}.integer`, 'true or false', integer)
  if (!integer) return [min, max, min + (max - min) / Math.PI]
  if (!Number.isInteger(min)) throw invalid(`${name}.min`, 'an integer', min)
  if (!Number.isInteger(max)) throw invalid(`${name}.max`, 'an integer', max)
  return [min, max]
}

function checkValue(path: string, value: unknown): void {
  // Heads divide the length of vectors, which another range decides; `drawTrials` checks both together.
  const beside: readonly (readonly [string, unknown])[] =
    path === 'encoder.numHeads' ? [['encoder.dim', value]] : []
  checkOptions(toOptions([...beside, [path, value]]), { where: `\`space.${path}\`` })
}

/**
 * Returns the trials of a search as they are before the first rung.
 *
 * @param space - Checked.
 * @throws {@link RecommenderError} `INVALID_OPTION` naming trial and option if what was drawn does not fit together, as
 * three heads and vectors of length 32, or not the catalogue.
 */
export function drawTrials(
  space: SearchSpace,
  options: { readonly seed: number; readonly numTrials: number; readonly numItems: number },
): readonly Trial[] {
  const { seed, numTrials, numItems } = options
  return Array.from({ length: numTrials }, (_, id): Trial => {
    const drawn = drawOptions(space, { seed, trial: id })
    checkOptions(drawn, { where: `trial ${id} of \`space\``, numItems })
    return { id, seed, options: drawn, rungs: [], status: 'open' }
  })
}

/** Returns a trial's options: a function of space, seed and trial alone, and within the space. */
export function drawOptions(
  space: SearchSpace,
  { seed, trial }: { readonly seed: number; readonly trial: number },
): FitOptions {
  const rng = createRng(seed, STREAM, trial)
  return toOptions(
    Object.entries(space).map(([path, range]) => [path, drawValue(range, rng.next())]),
  )
}

/** @param share - `0..1`, 1 not included. */
function drawValue(range: SearchRange, share: number): unknown {
  if ('choices' in range) return range.choices[Math.floor(share * range.choices.length)]
  const { min, max, scale, integer = false } = range
  // A whole number owns the unit above it, so that both ends are as likely as their neighbours.
  const end = integer ? max + 1 : max
  const value = scale === 'log' ? min * (end / min) ** share : min + (end - min) * share
  return Math.min(max, integer ? Math.floor(value) : value)
}

function toOptions(values: readonly (readonly [path: string, value: unknown])[]): FitOptions {
  const options: Record<string, unknown> = {}
  const encoder: Record<string, unknown> = {}
  for (const [path, value] of values) {
    if (path.startsWith('encoder.')) encoder[path.slice('encoder.'.length)] = value
    else options[path] = value
  }
  return { ...options, ...(Object.keys(encoder).length === 0 ? {} : { encoder }) }
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalid(name: string, expected: string, value: unknown): RecommenderError {
  return new RecommenderError(
    'INVALID_OPTION',
    `Expected \`${name}\` to be ${expected}, got \`${JSON.stringify(value)}\`.`,
  )
}
