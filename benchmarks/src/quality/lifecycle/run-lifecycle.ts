import { join } from 'node:path'
import { createEncoderConfig, readDataset } from '@perennial/core'
import { describeDataset, loadDataset } from '@perennial/datasets'
import { createEngine } from '@perennial/train'
import { describeRun } from '../../machine.ts'
import { writeJson } from '../../write-json.ts'
import { answerQuestion } from './answer-question.ts'
import type { Question } from './question.ts'
import type { LifecycleResult, QuestionResult } from './result.ts'
import { changeSettings, type LifecycleSettings, SHOP_SETTINGS } from './settings.ts'
import { lastHorizonQuestions, onlineRetailQuestions } from './shop-questions.ts'
import { createSignalSource } from './signals.ts'
import { summarizeGroups } from './summarize-groups.ts'
import { TAFENG_SETTINGS, tafengQuestions } from './tafeng-questions.ts'
import { createListSource, type Progress } from './train-rankers.ts'

/** Data sets that are asked about a horizon. */
export const LIFECYCLE_EXPERIMENTS = ['online-retail-ii', 'tafeng-nbr', 'csv'] as const
/** One of {@link LIFECYCLE_EXPERIMENTS}. */
export type LifecycleExperiment = (typeof LIFECYCLE_EXPERIMENTS)[number]

/** Options of {@link runLifecycle}. */
export interface LifecycleRunOptions extends Progress {
  readonly split: 'validation' | 'test'
  /** Variants to run; `undefined` is the experiment as it is. */
  readonly variants: readonly (string | undefined)[]
  readonly seeds: readonly number[]
  readonly engine: string
  readonly numThreads?: number | undefined
  /** Of `csv`: a folder that `perennial-train ingest` wrote, and the days ahead. */
  readonly dataFolder: string
  readonly horizonDays: number
  /** Of `tafeng-nbr`: divisions of the users. */
  readonly keysets: readonly string[]
  readonly resultFolder: string
}

/** A result and where it was written. */
export interface WrittenResult {
  readonly result: LifecycleResult
  readonly path: string
}

/** Trains and asks at each cut, and writes one result a variant. */
export async function runLifecycle(
  experiment: LifecycleExperiment,
  options: LifecycleRunOptions,
): Promise<WrittenResult[]> {
  const { split, variants, seeds, engine: choice, numThreads, resultFolder, onStage } = options
  const run = describeRun()
  onStage(`Reading ${experiment === 'csv' ? options.dataFolder : experiment}`)
  const { questions, settings, protocol, datasetFiles } = await readExperiment(experiment, options)
  const engine = await createEngine(createEncoderConfig(), choice, { numThreads })
  const signalsOf = createSignalSource(options)
  const listsOf = createListSource(signalsOf, options)
  const answers = new Map<string | undefined, QuestionResult[]>()
  try {
    for (const question of questions) {
      for (const variant of variants) {
        onStage(
          `${question.label}, ${question.group}${variant === undefined ? '' : `: ${variant}`}`,
        )
        const answer = await answerQuestion(question, {
          ...options,
          engine,
          listsOf,
          signalsOf,
          settings: changeSettings(settings, variant),
          rankerOnly: variant !== undefined,
        })
        answers.set(variant, [...(answers.get(variant) ?? []), answer])
      }
    }
  } finally {
    await engine.close()
    await signalsOf.close()
  }
  const written: WrittenResult[] = []
  for (const [variant, answered] of answers) {
    const result: LifecycleResult = {
      experiment,
      variant: variant ?? null,
      split,
      protocol,
      ...run,
      engine: engine.name,
      datasetFiles,
      seeds,
      settings: changeSettings(settings, variant),
      questions: answered,
      groups: summarizeGroups(answered),
    }
    const name = ['lifecycle', experiment, variant ?? split].join('-')
    const path = join(resultFolder, `${name}.json`)
    await writeJson(path, result)
    written.push({ result, path })
  }
  return written
}

interface ReadExperiment {
  readonly questions: readonly Question[]
  readonly settings: LifecycleSettings
  readonly protocol: string
  readonly datasetFiles: LifecycleResult['datasetFiles']
}

async function readExperiment(
  experiment: LifecycleExperiment,
  { split, dataFolder, horizonDays, keysets }: LifecycleRunOptions,
): Promise<ReadExperiment> {
  const filesOf = (name: string): LifecycleResult['datasetFiles'] =>
    describeDataset(name).files.map((file) => ({ name: file.name, sha256: file.sha256 }))
  switch (experiment) {
    case 'online-retail-ii':
      return {
        questions: onlineRetailQuestions(await loadDataset(experiment), split),
        settings: SHOP_SETTINGS,
        protocol:
          'every customer with a purchase before the cut and one within the horizon after it; all items ranked, repeats included; recall divides by min(k, targets); trained on the starts of earlier months whose horizon was over',
        datasetFiles: filesOf(experiment),
      }
    case 'tafeng-nbr':
      return {
        questions: await tafengQuestions(await loadDataset('tafeng'), { keysets, split }),
        settings: TAFENG_SETTINGS,
        protocol:
          'last basket of the users of one part, trained on the last baskets of the others; all items ranked; recall divides by the size of the basket, the ideal gain runs over all of it',
        datasetFiles: filesOf('tafeng'),
      }
    case 'csv':
      return {
        questions: lastHorizonQuestions(await readDataset(dataFolder), { horizonDays, split }),
        settings: SHOP_SETTINGS,
        protocol: `last ${horizonDays} days of ${split === 'test' ? 'the data' : 'training'}; all items ranked, repeats included; recall divides by min(k, targets); trained on earlier horizons`,
        datasetFiles: [],
      }
  }
}
