import { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import type { TrainOptions } from '../train-artifact.ts'
import { addFitFlags, type FitFlags, toTrainOptions } from './flags.ts'
import { OPTION_NAMES } from './options.ts'

function parse(argv: readonly string[], settings?: TrainOptions): TrainOptions {
  const command = addFitFlags(new Command()).exitOverride()
  return toTrainOptions(command.parse(argv, { from: 'user' }).opts<FitFlags>(), settings)
}

const TABLE: readonly (readonly [
  flag: string,
  value: string,
  option: string,
  expected: unknown,
])[] = [
  ['--block', 'ligr', 'encoder.block', 'ligr'],
  ['--time-features', 'gap, calendar', 'encoder.timeFeatures', ['gap', 'calendar']],
  ['--similarity', 'cosine', 'encoder.similarity', 'cosine'],
  ['--temperature', '0.1', 'encoder.temperature', 0.1],
  ['--dim', '8', 'encoder.dim', 8],
  ['--blocks', '3', 'encoder.numBlocks', 3],
  ['--heads', '2', 'encoder.numHeads', 2],
  ['--feed-forward-dim', '99', 'encoder.feedForwardDim', 99],
  ['--max-length', '9', 'encoder.maxLength', 9],
  ['--dropout', '0.3', 'encoder.dropout', 0.3],
  ['--objective', 'horizon', 'objective', 'horizon'],
  ['--output-embeddings', 'untied', 'encoder.outputEmbeddings', 'untied'],
  ['--popularity-prior', '0.7', 'popularityPrior', 0.7],
  ['--loss', 'gbce', 'loss', 'gbce'],
  ['--negatives', '5', 'numNegatives', 5],
  ['--negative-sampling', 'mixed', 'negativeSampling', 'mixed'],
  ['--popularity-exponent', '0.5', 'popularityExponent', 0.5],
  ['--uniform-share', '0.25', 'uniformShare', 0.25],
  ['--negatives-shared-by', 'token', 'negativesSharedBy', 'token'],
  ['--no-log-q', '', 'logQ', false],
  ['--gbce-calibration', '0.9', 'gbceCalibration', 0.9],
  ['--batch-size', '20', 'batchSize', 20],
  ['--learning-rate', '0.02', 'learningRate', 0.02],
  ['--learning-rate-decay', 'cosine', 'learningRateDecay', 'cosine'],
  ['--warm-up-steps', '7', 'warmUpSteps', 7],
  ['--max-epochs', '4', 'maxEpochs', 4],
  ['--max-seconds', '500', 'maxSeconds', 500],
  ['--patience', '6', 'patience', 6],
  ['--refit-epochs', '3', 'refitEpochs', 3],
  ['--seed', '9', 'seed', 9],
  ['--horizon-days', '13', 'horizonDays', 13],
  ['--test-date', '1970-01-03', 'testCutMs', 2 * 86_400_000],
]

/** Options without a flag, for a settings file: `excludeSeen` is for neither, as the test leaves seen items in. */
const WITHOUT_FLAG = ['encoder.activation', 'validateEvery', 'validationUsers', 'excludeSeen']

describe('toTrainOptions', () => {
  test.each(TABLE)('%s %s says %s', (flag, value, option, expected) => {
    const encoder = option.startsWith('encoder.')
      ? { [option.slice('encoder.'.length)]: expected }
      : {}
    const outer = option.startsWith('encoder.') ? {} : { [option]: expected }
    expect(parse(value === '' ? [flag] : [flag, value])).toEqual({ ...outer, encoder })
  })

  test('has a flag in this table for each flag there is, and for each option but a few', () => {
    const flags = addFitFlags(new Command()).options.map(({ long }) => long)
    expect(TABLE.map(([flag]) => flag).toSorted()).toEqual(flags.toSorted())
    const options = [...OPTION_NAMES.fit, ...OPTION_NAMES.encoder.map((name) => `encoder.${name}`)]
    const reached = TABLE.map(([, , option]) => option)
    expect(options.filter((name) => !reached.includes(name)).toSorted()).toEqual(
      WITHOUT_FLAG.toSorted(),
    )
  })

  test('lets flags go before a file, and what the file says stand where there is none', () => {
    const settings = {
      ...{ logQ: false, learningRate: 0.01, batchSize: 64 },
      encoder: { dim: 32, block: 'ligr' },
    } as const
    expect(parse([], settings)).toEqual(settings)
    expect(parse(['--dim', '8', '--batch-size', '16'], settings)).toEqual({
      ...settings,
      batchSize: 16,
      encoder: { dim: 8, block: 'ligr' },
    })
  })
})
