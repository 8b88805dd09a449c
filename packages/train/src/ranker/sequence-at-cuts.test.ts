import {
  createEncoderConfig,
  DAY_MS,
  type Dataset,
  describeCustomer,
  endsBefore,
  historyOf,
  type SequenceScores,
} from '@perennial/core'
import { describe, expect, test } from 'vitest'
import { lifecycleDataset } from '../../test/lifecycle-dataset.ts'
import { createEngine } from '../engine/create-engine.ts'
import { createSequenceAtCuts } from './sequence-at-cuts.ts'

const encoder = { dim: 8, numBlocks: 1, maxLength: 10 }

/** Scores at cuts in turn, and what was said on the way. */
async function scoresAt(
  dataset: Dataset,
  cuts: readonly number[],
): Promise<{ scores: SequenceScores[]; said: string[] }> {
  const engine = await createEngine(createEncoderConfig(encoder), 'wasm', { numThreads: 1 })
  const said: string[] = []
  const at = createSequenceAtCuts(dataset, {
    engine,
    fit: { encoder, maxEpochs: 2, seed: 1 },
    refitEpochs: 1,
    onStage: (stage) => said.push(stage),
  })
  const scores: SequenceScores[] = []
  for (const cutDay of cuts)
    scores.push(await at({ cutDay, ends: endsBefore(dataset.sequences, cutDay * DAY_MS) }))
  await engine.close()
  return { scores, said }
}

describe('createSequenceAtCuts', () => {
  test('goes on from cut to cut, learns each once, and never goes on from a later one', async () => {
    const { scores, said } = await scoresAt(lifecycleDataset(), [60, 88, 60, 70])
    expect(said).toEqual([
      'Sequence model at 1970-03-02',
      'Sequence model at 1970-03-30, going on',
      'Sequence model at 1970-03-12',
    ])
    expect(scores[2]).toBe(scores[0])
    expect(scores[1]?.vectors).not.toEqual(scores[0]?.vectors)
  })

  test('knows nothing of what happens from the cut on', async () => {
    const [known, poisoned] = [
      lifecycleDataset(),
      lifecycleDataset((u) => Array.from({ length: 9 }, (_, n) => [1 + ((u + n) % 20), 121])),
    ]
    const [before, after] = [await scoresAt(known, [60, 119]), await scoresAt(poisoned, [60, 119])]
    for (const n of [0, 1]) {
      expect(after.scores[n]?.vectors).toEqual(before.scores[n]?.vectors)
      const query = (dataset: Dataset, { scores }: typeof before): Float32Array | undefined => {
        const cutMs = [60, 119][n] as number
        const end = endsBefore(dataset.sequences, cutMs * DAY_MS)[5] as number
        return scores[n]?.queryOf(
          describeCustomer(historyOf(dataset.sequences, 5, end, cutMs * DAY_MS)),
        )
      }
      expect(query(poisoned, after)).toEqual(query(known, before))
      expect(query(known, before)).toHaveLength(8)
    }
  })
})
