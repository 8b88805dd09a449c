import {
  checkChoice,
  checkNumber,
  createEncoderConfig,
  createRng,
  RecommenderError,
} from '@perennial/core'
import { createFitConfig, type FitOptions } from '../fit/options.ts'

/** Values of one option: listed ones, or a range. */
export type SearchRange =
  | { readonly choices: readonly unknown[] }
  | {
      readonly min: number
      readonly max: number
      /** `log`: every factor is as likely; `linear`: every difference. */
      readonly scale: 'log' | 'linear'
    }

/** What is searched: ranges by option, those of the network as `encoder.dim`. */
export type SearchSpace = Readonly<Record<string, SearchRange>>

/** The space that is searched when none is given: what moved public data sets most, at sizes that suit a shop. */
export const DEFAULT_SPACE: SearchSpace = {
  'encoder.block': { choices: ['sasrec', 'ligr'] },
  'encoder.dim': { choices: [32, 64, 128] },
  'encoder.numBlocks': { choices: [1, 2] },
  'encoder.numHeads': { choices: [1, 2] },
  'encoder.dropout': { min: 0.1, max: 0.5, scale: 'linear' },
  learningRate: { min: 5e-4, max: 5e-3, scale: 'log' },
  batchSize: { choices: [32, 128] },
}

/** Options that the search decides itself, or that say nothing about a model. */
const RESERVED = ['seed', 'maxEpochs', 'maxSeconds', 'patience', 'learningRateDecay', 'encoder']

/** Returns the options that a space or a file of settings may name. */
export function knownOptions(): {
  readonly fit: readonly string[]
  readonly encoder: readonly string[]
} {
  return { fit: Object.keys(createFitConfig({}, 1)), encoder: Object.keys(createEncoderConfig()) }
}

/**
 * Checks a space that came from outside.
 *
 * @throws {@link RecommenderError} `INVALID_OPTION` naming the path of what is wrong.
 */
export function checkSpace(space: SearchSpace): void {
  const { fit, encoder } = knownOptions()
  const paths = [
    ...fit.filter((name) => !RESERVED.includes(name)),
    ...encoder.map((name) => `encoder.${name}`),
  ]
  if (Object.keys(space).length === 0) {
    throw new RecommenderError('INVALID_OPTION', 'Expected `space` to name an option, got none.')
  }
  for (const [path, range] of Object.entries(space)) {
    checkChoice('space', path, paths)
    if ('choices' in range) {
      if (Array.isArray(range.choices) && range.choices.length > 0) continue
      throw new RecommenderError(
        'INVALID_OPTION',
        `Expected \`space.${path}.choices\` to list at least one value, got ${JSON.stringify(range.choices)}.`,
      )
    }
    checkChoice(`space.${path}.scale`, range.scale, ['log', 'linear'])
    checkNumber(`space.${path}.min`, range.min, range.scale === 'log' ? Number.MIN_VALUE : -1e9)
    checkNumber(`space.${path}.max`, range.max, range.min)
  }
}

/** Returns a trial's options: a function of seed and trial alone, and within the space. */
export function drawOptions(
  space: SearchSpace,
  { seed, trial }: { readonly seed: number; readonly trial: number },
): FitOptions {
  const rng = createRng(seed, STREAM, trial)
  const options: Record<string, unknown> = {}
  const encoder: Record<string, unknown> = {}
  for (const [path, range] of Object.entries(space)) {
    const share = rng.next()
    const value =
      'choices' in range
        ? range.choices[Math.floor(share * range.choices.length)]
        : range.scale === 'log'
          ? range.min * (range.max / range.min) ** share
          : range.min + (range.max - range.min) * share
    if (path.startsWith('encoder.')) encoder[path.slice('encoder.'.length)] = value
    else options[path] = value
  }
  return { ...options, ...(Object.keys(encoder).length === 0 ? {} : { encoder }) }
}

const STREAM = 31
