import { type PairedDifference, pairedBootstrap, type Ranking } from '@perennial/core'

/** Metric by which rankings are compared. */
export const LADDER_METRIC = 'ndcg@10'

/** What a rung needs before it is tried. */
export interface RungNeeds {
  /** Customers who came back in a validation window. */
  readonly validationLists: number
  /** Those of the newest validation window alone. */
  readonly newestLists: number
  /** Lists to train on: customers who came back in an earlier window. */
  readonly trainingLists: number
}

/** The rungs, lowest first: each is used only if it beats the best below it on validation. */
export const RUNGS: readonly { readonly ranking: Ranking; readonly needs: RungNeeds }[] = [
  { ranking: 'popularity', needs: { validationLists: 0, newestLists: 0, trainingLists: 0 } },
  { ranking: 'decayed-frequency', needs: { validationLists: 5, newestLists: 0, trainingLists: 0 } },
  { ranking: 'neighbor-blend', needs: { validationLists: 20, newestLists: 0, trainingLists: 0 } },
  { ranking: 'linear-ranker', needs: { validationLists: 50, newestLists: 0, trainingLists: 100 } },
  { ranking: 'ranker', needs: { validationLists: 100, newestLists: 0, trainingLists: 500 } },
  { ranking: 'sequence', needs: { validationLists: 0, newestLists: 50, trainingLists: 0 } },
]

/** Rungs without training are taken on their mean; what was trained must be better beyond doubt. */
const TRAINED: readonly Ranking[] = ['linear-ranker', 'ranker', 'sequence']

/** What was measured of a rung on validation. */
export interface MeasuredRung {
  readonly ranking: Ranking
  /** The metric by list; NaN for lists that it could not be asked about. */
  readonly values: Float32Array
}

/** What became of a rung. */
export interface RungResult {
  readonly ranking: Ranking
  readonly isUsed: boolean
  /** Mean over the lists; `null` for a rung that was not tried. */
  readonly mean: number | null
  /** Against the best rung below, over the lists of both; `null` for the lowest and those not tried. */
  readonly difference: (PairedDifference & { readonly to: Ranking }) | null
  /** One sentence for the merchant. */
  readonly sentence: string
}

/** Which ranking to use, and why. */
export interface Ladder {
  readonly ranking: Ranking
  readonly rungs: readonly RungResult[]
}

/**
 * Climbs the ladder: from popularity upwards, a rung is taken when it beats the best so far on validation.
 *
 * @param measured - Rungs that had the data they need, lists in the same order.
 * @param userRows - User of each list, so that intervals draw a customer's lists together.
 * @param data - How many lists there are, to say what a rung not tried lacks.
 */
export function climbLadder(
  measured: readonly MeasuredRung[],
  { userRows, data }: { readonly userRows: Int32Array; readonly data: RungNeeds },
): Ladder {
  let best: MeasuredRung | undefined
  const rungs = RUNGS.map(({ ranking, needs }): RungResult => {
    const rung = measured.find((one) => one.ranking === ranking)
    if (rung === undefined && measured.length === 0 && ranking === 'popularity') {
      const sentence = `${ranking}: used, since no customer came back in a validation window.`
      return { ranking, isUsed: true, mean: null, difference: null, sentence }
    }
    if (rung === undefined) {
      return {
        ranking,
        isUsed: false,
        mean: null,
        difference: null,
        sentence: lacks(ranking, needs, data),
      }
    }
    const mean = meanOf(rung.values)
    if (best === undefined) {
      best = rung
      return { ranking, isUsed: true, mean, difference: null, sentence: `${ranking}: the start.` }
    }
    const below = best
    const difference = pairedBootstrap(rung.values, below.values, { seed: 1, userRows })
    const margin = TRAINED.includes(ranking) ? difference.low : difference.meanDifference
    const isUsed = margin > 0
    if (isUsed) best = rung
    const range = `${signed(difference.low)} to ${signed(difference.high)}`
    return {
      ranking,
      isUsed,
      mean,
      difference: { ...difference, to: below.ranking },
      sentence: `${ranking}: ${isUsed ? 'used' : 'not used'}, NDCG@10 ${signed(difference.meanDifference)} against ${below.ranking} on validation (95 % interval ${range}).`,
    }
  })
  return { ranking: best?.ranking ?? 'popularity', rungs }
}

function lacks(ranking: Ranking, needs: RungNeeds, data: RungNeeds): string {
  const missing: string[] = []
  if (data.validationLists < needs.validationLists)
    missing.push(
      `${needs.validationLists} customers who came back in the validation windows, there are ${data.validationLists}`,
    )
  if (data.newestLists < needs.newestLists)
    missing.push(
      `${needs.newestLists} customers who came back in the newest validation window, there are ${data.newestLists}`,
    )
  if (data.trainingLists < needs.trainingLists)
    missing.push(`${needs.trainingLists} lists to train on, there are ${data.trainingLists}`)
  return missing.length === 0
    ? `${ranking}: not tried.`
    : `${ranking}: not tried, it needs ${missing.join(' and ')}.`
}

function meanOf(values: Float32Array): number {
  const defined = values.filter((value) => !Number.isNaN(value))
  return defined.reduce((sum, value) => sum + value, 0) / Math.max(1, defined.length)
}

function signed(value: number): string {
  return `${value < 0 ? '-' : '+'}${Math.abs(value).toFixed(4)}`
}
