import type { PairProbabilities, TimingResult } from '../quality/lifecycle/result.ts'
import { circumstances, markdownTable } from './markdown.ts'

/** Returns how far off predicted purchase times are, and how well probabilities came true. */
export function renderTiming(result: TimingResult): string {
  const { cut, trainingCuts, trainingSeconds, boughtAgain, repeatPairs, pairs, engine } = result
  const { methods, numPairs, range } = boughtAgain
  const probabilities = ([name, of]: readonly [string, PairProbabilities]): string[] => [
    name,
    of.numPairs.toLocaleString('en'),
    of.baseRate.toFixed(4),
    of.auc.toFixed(4),
    of.brier.toFixed(4),
    of.calibrationError.toFixed(4),
  ]
  return [
    `Asked on ${cut}, learned from ${trainingCuts.length} cuts from ${trainingCuts.at(-1)} to ${trainingCuts[0]}. Days to the next purchase of ${numPairs.toLocaleString('en')} pairs bought on two days or more and again within 180 days:`,
    markdownTable(
      ['Method', 'median error, days', 'within a quarter of the own gap'],
      Object.entries(methods).map(([name, { medianErrorDays, shareWithinGap }]) => [
        name,
        medianErrorDays.toFixed(1),
        shareWithinGap.toFixed(3),
      ]),
    ),
    `${(100 * range.coverage).toFixed(0)} % of these purchases lie between the predicted quartiles, which are ${range.medianWidthDays.toFixed(0)} days apart in the median. Bought within 28 days:`,
    markdownTable(
      ['Pairs', 'number', 'base rate', 'AUC', 'Brier', 'calibration error'],
      [probabilities(['of two purchases or more', repeatPairs]), probabilities(['all', pairs])],
    ),
    `${trainingSeconds.toFixed(0)} s for lists and training with ${engine}. ${circumstances(result)}`,
  ].join('\n\n')
}
