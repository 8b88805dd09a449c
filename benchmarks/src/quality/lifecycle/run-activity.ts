import { join } from 'node:path'
import {
  areaUnderRoc,
  brierScore,
  buildVisitLog,
  chooseActivity,
  expectedCalibrationError,
  forecastVisits,
  type VisitForecast,
  type VisitLog,
  visitsEnd,
} from '@perennial/core'
import { loadDataset } from '@perennial/datasets'
import { ACTIVITY_CUTS } from '@perennial/train'
import { describeRun } from '../../machine.ts'
import { writeJson } from '../../write-json.ts'
import { dayAt } from './cut-days.ts'
import type { ActivityResult, PairProbabilities } from './result.ts'
import type { Progress } from './train-rankers.ts'

/** The questions: who buys anything within some days of a cut. */
const QUESTIONS: readonly (readonly [cut: string, horizonDays: number])[] = [
  ...['05', '06', '07', '08', '09', '10', '11'].map((month) => [`2011-${month}-01`, 28] as const),
  ['2011-09-01', 90],
]

/** Asks BG/NBD and the model that `fit` would take about all customers with a history, and writes how well they knew. */
export async function runActivity({
  resultFolder,
  signal,
  onStage,
}: Progress & { readonly resultFolder: string }): Promise<{
  readonly result: ActivityResult
  readonly path: string
}> {
  const run = describeRun()
  onStage('Reading online-retail-ii')
  const visits = buildVisitLog((await loadDataset('online-retail-ii')).sequences)
  const questions = QUESTIONS.map(([cut, horizonDays]) => {
    onStage(`Asking who buys within ${horizonDays} days of ${cut}`)
    const asOfDay = dayAt(cut)
    const choice = chooseActivity(visits, { asOfDay, horizonDays, numCuts: ACTIVITY_CUTS, signal })
    const measure = (forecast: VisitForecast): PairProbabilities =>
      measureForecast(visits, forecast, { asOfDay, horizonDays })
    return {
      cut,
      horizonDays,
      chosen: choice.kind,
      bgNbd: measure(forecastVisits({ context: choice.context, logistic: null }, visits)),
      served: measure(forecastVisits(choice, visits)),
    }
  })
  const result: ActivityResult = { experiment: 'online-retail-ii-activity', ...run, questions }
  const path = join(resultFolder, 'activity-online-retail-ii.json')
  await writeJson(path, result)
  return { result, path }
}

function measureForecast(
  visits: VisitLog,
  { userRows, probabilities }: VisitForecast,
  { asOfDay, horizonDays }: { readonly asOfDay: number; readonly horizonDays: number },
): PairProbabilities {
  const outcomes = Uint8Array.from(userRows, (u) =>
    visitsEnd(visits, u, asOfDay + horizonDays) > visitsEnd(visits, u, asOfDay) ? 1 : 0,
  )
  return {
    numPairs: userRows.length,
    baseRate: outcomes.reduce((sum, outcome) => sum + outcome, 0) / outcomes.length,
    auc: areaUnderRoc(probabilities, outcomes),
    brier: brierScore(probabilities, outcomes),
    calibrationError: expectedCalibrationError(probabilities, outcomes),
  }
}
