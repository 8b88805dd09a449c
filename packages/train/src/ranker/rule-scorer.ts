import {
  type CandidateFinder,
  describeCustomer,
  type RankingRule,
  type Scorer,
  scoreByRule,
} from '@perennial/core'

/** Returns a scorer that ranks each customer's candidates by a rule; all other items get `-Infinity`. */
export function createRuleScorer(rule: RankingRule, finder: CandidateFinder): Scorer {
  return {
    name: rule,
    scoreBatch: (histories, scores) => {
      const width = scores.length / histories.length
      scores.fill(-Infinity)
      histories.forEach((history, b) => {
        const { itemRows, features } = finder.find(describeCustomer(history))
        const found = scoreByRule(rule, features, finder.featureNames)
        itemRows.forEach((itemRow, i) => {
          scores[b * width + itemRow] = found[i] as number
        })
      })
    },
  }
}
