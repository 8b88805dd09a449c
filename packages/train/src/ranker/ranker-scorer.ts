import { type CandidateFinder, describeCustomer, type Scorer, standardize } from '@perennial/core'
import type { Engine } from '../engine/engine.ts'
import type { LoadedRows } from '../engine/row-trainer.ts'
import type { Ranker } from './fit-ranker.ts'

/** A ranker as a scorer, and how to end it. */
export interface RankerScorer extends Scorer {
  dispose(): void
}

/** Options of {@link createRankerScorer}. */
export interface RankerScorerOptions {
  readonly engine: Engine
  /** Finds the candidates as of the questions that will come; it must know nothing later. */
  readonly finder: CandidateFinder
  /** @defaultValue 'ranker' */
  readonly name?: string | undefined
}

/** Returns a scorer that ranks each customer's candidates; all other items get `-Infinity`. */
export async function createRankerScorer(
  { scale, config, members }: Ranker,
  { engine, finder, name = 'ranker' }: RankerScorerOptions,
): Promise<RankerScorer> {
  const networks: LoadedRows[] = []
  const dispose = (): void => {
    for (const network of networks) network.dispose()
  }
  try {
    for (const parameters of members) networks.push(await engine.loadRows({ config, parameters }))
  } catch (error) {
    dispose()
    throw error
  }
  return {
    name,
    scoreBatch: async (histories, scores) => {
      const found = histories.map((history) => finder.find(describeCustomer(history)))
      const length = found.reduce((sum, { features }) => sum + features.length, 0)
      const rows = new Float32Array(length)
      let at = 0
      for (const { features } of found) {
        rows.set(features, at)
        at += features.length
      }
      standardize(rows, scale)
      const total = new Float64Array(length / config.numFeatures)
      for (const network of networks) {
        const outputs = await network.score(rows)
        for (let i = 0; i < total.length; i++)
          total[i] = (total[i] as number) + (outputs[i] as number) / networks.length
      }
      const width = scores.length / histories.length
      scores.fill(-Infinity)
      let row = 0
      found.forEach(({ itemRows }, b) => {
        for (const itemRow of itemRows) scores[b * width + itemRow] = total[row++] as number
      })
    },
    dispose,
  }
}
