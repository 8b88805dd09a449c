import { describe, expect, test } from 'vitest'
import { createRng } from '../random.ts'
import { alignBias, fitActivityModel, predictActivity } from './activity-model.ts'

/** Rows of a known model: log odds `-1 + 2 u - v`, `u` and `v` standard normal. */
function simulate(numRows: number, seed = 5) {
  const rng = createRng(seed)
  const features = Float64Array.from({ length: 2 * numRows }, () => rng.nextNormal())
  const labels = Uint8Array.from({ length: numRows }, (_, i) => {
    const logit = -1 + 2 * (features[2 * i] as number) - (features[2 * i + 1] as number)
    return rng.next() < 1 / (1 + Math.exp(-logit)) ? 1 : 0
  })
  return { features, labels }
}

const logit = (probability: number): number => Math.log(probability / (1 - probability))

describe('fitActivityModel', () => {
  test('finds the model that made the data, in the units of the features', () => {
    const examples = simulate(20_000)
    // A feature of another size, which standardising takes away.
    const features = examples.features.map((value, i) => (i % 2 === 0 ? 1000 + 50 * value : value))
    const model = fitActivityModel({ features, labels: examples.labels })
    const [base, u, v] = predictActivity(model, Float64Array.of(1000, 0, 1050, 0, 1000, 1))
    expect(Math.abs(logit(base as number) - -1)).toBeLessThan(0.06)
    expect(Math.abs(logit(u as number) - 1)).toBeLessThan(0.08)
    expect(Math.abs(logit(v as number) - -2)).toBeLessThan(0.08)
  })

  test('is at the minimum: the penalised gradient is 0', () => {
    const { features, labels } = simulate(500)
    const model = fitActivityModel({ features, labels }, { ridge: 3 })
    const errors = predictActivity(model, features).map((p, i) => p - (labels[i] as number))
    expect(errors.reduce((sum, error) => sum + error, 0)).toBeCloseTo(0, 5)
    for (const f of [0, 1]) {
      const gradient = errors.reduce((sum, error, i) => {
        const score =
          ((features[2 * i + f] as number) - (model.means[f] as number)) /
          (model.deviations[f] as number)
        return sum + error * score
      }, 0)
      expect(gradient + 3 * (model.weights[f] as number)).toBeCloseTo(0, 5)
    }
  })

  test('predicts as often as it happened for a feature without a meaning', () => {
    const features = Float64Array.of(7, 7, 7, 7)
    const model = fitActivityModel({ features, labels: Uint8Array.of(1, 0, 0, 0) })
    expect(predictActivity(model, features)[0]).toBeCloseTo(1 / 4, 8)
  })

  test('ends where one feature tells all, the sooner the larger the ridge', () => {
    const examples = { features: Float64Array.of(-1, 1, -1, 1), labels: Uint8Array.of(0, 1, 0, 1) }
    const weak = fitActivityModel(examples, { ridge: 1e-3 }).weights[0] as number
    const strong = fitActivityModel(examples, { ridge: 10 }).weights[0] as number
    expect(weak).toBeGreaterThan(3)
    expect(strong).toBeLessThan(0.3)
    // sum over rows of error plus ridge times weight = 0: 4 / (1 + e^w) = ridge w
    expect(4 / (1 + Math.exp(strong))).toBeCloseTo(10 * strong, 6)
  })

  test('takes a missing feature for the mean and an extreme one for five deviations', () => {
    const model = fitActivityModel({
      features: Float64Array.of(0, Number.NaN, 2, 4, 6, 3),
      labels: Uint8Array.of(0, 0, 1, 0, 1, 1),
    })
    expect(model.means[0]).toBe((0 + 2 + 4 + 6 + 3) / 5)
    const five = 3 + 5 * (model.deviations[0] as number)
    const [missing, mean, end, beyond] = predictActivity(
      model,
      Float64Array.of(Number.NaN, 3, five, 1e6),
    )
    expect(missing).toBe(mean)
    expect(beyond).toBeCloseTo(end as number, 12)
  })

  test('refuses what it cannot learn from', () => {
    const fit = (numValues: number, labels: number[], ridge = 1) =>
      fitActivityModel(
        { features: new Float64Array(numValues), labels: Uint8Array.from(labels) },
        { ridge },
      )
    const codeIs = (code: string) => expect.objectContaining({ code })
    expect(() => fit(4, [0, 0])).toThrow(codeIs('INVALID_INPUT'))
    expect(() => fit(5, [0, 1])).toThrow(codeIs('SHAPE_MISMATCH'))
    expect(() => fit(4, [0, 1], 0)).toThrow(codeIs('INVALID_OPTION'))
    expect(() => predictActivity(fit(4, [0, 1]), new Float64Array(3))).toThrow(
      codeIs('SHAPE_MISMATCH'),
    )
  })
})

describe('alignBias', () => {
  const model = fitActivityModel(simulate(2000))

  test('predicts as many visits as there were, and leaves the order alone', () => {
    const { features } = simulate(1000, 6)
    const labels = Uint8Array.from({ length: 1000 }, (_, i) => (i % 10 === 0 ? 1 : 0))
    const aligned = alignBias(model, { features, labels })
    const predicted = predictActivity(aligned, features).reduce((sum, p) => sum + p, 0)
    expect(predicted).toBeCloseTo((1000 * 100.5) / 1001, 8)
    expect(aligned.weights).toEqual(model.weights)
  })

  test('moves a finite way where nobody came', () => {
    const { features } = simulate(100, 6)
    const { bias } = alignBias(model, { features, labels: new Uint8Array(100) })
    expect(bias).toBeLessThan(model.bias)
    expect(bias).toBeGreaterThan(-20)
  })
})
