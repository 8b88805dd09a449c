import { describe, expect, test } from 'vitest'
import { createRng } from '../random.ts'
import { aliveProbability, expectedVisits, fitBgNbd, visitProbability } from './bg-nbd.ts'
import type { VisitCounts } from './purchase-counts.ts'

const modelOf = (r: number, alpha: number, a: number, b: number) => ({
  ...{ r, alpha, a, b, unitDays: 7 },
  ...{ logLikelihood: Number.NaN, numCustomers: 0 },
})

const customer = (x: number, recency: number, age: number): VisitCounts => ({
  frequencies: Float64Array.of(x),
  recencies: Float64Array.of(recency),
  ages: Float64Array.of(age),
  unitDays: 7,
})

/** Customers of a known model: rates `Gamma(1, 4)`, drop-out `Beta(1, 3)`, watched for 52 weeks. */
function simulate(numCustomers: number, seed: number): VisitCounts {
  const rng = createRng(seed)
  const draws = Array.from({ length: numCustomers }, () => {
    const rate = -Math.log(1 - rng.next()) / 4
    const dropOut = 1 - (1 - rng.next()) ** (1 / 3)
    let [x, recency, time] = [0, 0, 0]
    while (true) {
      time -= Math.log(1 - rng.next()) / rate
      if (time > 52) return { x, recency }
      x++
      recency = time
      if (rng.next() < dropOut) return { x, recency }
    }
  })
  return {
    frequencies: Float64Array.from(draws, ({ x }) => x),
    recencies: Float64Array.from(draws, ({ recency }) => recency),
    ages: new Float64Array(numCustomers).fill(52),
    unitDays: 7,
  }
}

describe('fitBgNbd', () => {
  const counts = simulate(20_000, 1)
  const model = fitBgNbd(counts)

  test('finds the model that made the data', () => {
    expect(Math.abs(model.r - 1)).toBeLessThan(0.06)
    expect(Math.abs(model.alpha - 4)).toBeLessThan(0.3)
    expect(Math.abs(model.a - 1)).toBeLessThan(0.1)
    expect(Math.abs(model.b - 3)).toBeLessThan(0.3)
    expect(model.numCustomers).toBe(20_000)
  })

  test('comes to the same from another start', () => {
    const again = fitBgNbd(counts, { start: { r: 0.2, alpha: 9, a: 0.3, b: 5 } })
    expect(again.r / model.r).toBeCloseTo(1, 3)
    expect(again.logLikelihood).toBeCloseTo(model.logLikelihood, 4)
    expect(again.r).not.toBe(model.r)
  })

  test('has the likelihood of two customers, worked by hand', () => {
    const two = {
      frequencies: Float64Array.of(0, 1),
      recencies: Float64Array.of(0, 2),
      ages: Float64Array.of(10, 10),
      unitDays: 7,
    }
    const { r, alpha, a, b, logLikelihood } = fitBgNbd(two)
    const none = (alpha / (alpha + 10)) ** r
    const stay = (b / (a + b)) * r * (alpha ** r / (alpha + 10) ** (r + 1))
    const leave = (a / (a + b)) * r * (alpha ** r / (alpha + 2) ** (r + 1))
    expect(logLikelihood).toBeCloseTo(Math.log(none) + Math.log(stay + leave), 7)
  })

  test('needs a repeat visit', () => {
    expect(() => fitBgNbd(customer(0, 0, 30))).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT' }),
    )
  })

  test('stops when told to', () => {
    expect(() => fitBgNbd(counts, { signal: AbortSignal.abort() })).toThrow(
      expect.objectContaining({ code: 'ABORTED' }),
    )
  })
})

describe('expectedVisits', () => {
  // Adaptive quadrature of `integral of Beta(p; a, b + x) (1 - ((alpha + T) / (alpha + T + p t))^(r + x)) / p`.
  test.each([
    { name: 'one visit', parameters: [0.25, 4.4, 0.8, 2.4], x: 0, expected: 0.24571463078545003 },
    { name: 'eight visits', parameters: [0.25, 4.4, 0.8, 2.4], x: 7, expected: 6.238866532242095 },
    {
      name: 'a = 1',
      parameters: [0.5, 3, 1, 2],
      x: 3,
      age: 10,
      t: 20,
      expected: 3.602131915363731,
    },
    {
      name: 'a + b < 1',
      parameters: [0.5, 3, 0.3, 0.4],
      age: 10,
      t: 20,
      expected: 0.5672680961440122,
    },
    {
      name: 'a + b = 1',
      parameters: [0.5, 3, 0.3, 0.7],
      age: 10,
      t: 20,
      expected: 0.615738552133072,
    },
    {
      name: 'customers alike',
      parameters: [40, 30, 0.5, 1],
      x: 2,
      age: 10,
      t: 20,
      expected: 10.906986787358052,
    },
    {
      name: 'a long horizon',
      parameters: [300, 30, 0.5, 1],
      age: 5,
      t: 400,
      expected: 102.74103612554808,
    },
    {
      name: 'very many visits',
      parameters: [0.6, 9, 0.2, 3],
      x: 200,
      age: 90,
      t: 500,
      expected: 808.5081600651142,
    },
    { name: 'no age', parameters: [0.6, 0.01, 5, 2], age: 0, t: 50, expected: 1.4879020401074563 },
  ])('equals its integral for $name', ({ parameters, x = 0, age = 30, t = 39, expected }) => {
    const [r, alpha, a, b] = parameters as [number, number, number, number]
    const model = modelOf(r, alpha, a, b)
    const counts = customer(x, 0.9 * age, age)
    const alive = aliveProbability(model, counts)[0] as number
    const visits = expectedVisits(model, counts, t * 7)[0] as number
    expect(visits / alive / expected).toBeCloseTo(1, 8)
  })

  test('is 0 for no time, and wants the unit of the model', () => {
    const model = modelOf(0.25, 4.4, 0.8, 2.4)
    expect(expectedVisits(model, customer(3, 5, 9), 0)[0]).toBeCloseTo(0, 12)
    const daily = { ...customer(3, 5, 9), unitDays: 1 }
    const invalid = expect.objectContaining({ code: 'INVALID_OPTION' })
    expect(() => expectedVisits(model, daily, 7)).toThrow(invalid)
    expect(() => expectedVisits(model, customer(3, 5, 9), -1)).toThrow(invalid)
  })
})

test('aliveProbability is 1 after one visit and falls with silence', () => {
  const model = modelOf(0.25, 4.4, 0.8, 2.4)
  expect(aliveProbability(model, customer(0, 0, 500))[0]).toBe(1)
  // 1 / (1 + a / (b + x - 1) ((alpha + T) / (alpha + t_x))^(r + x))
  const expected = 1 / (1 + (0.8 / (2.4 + 2 - 1)) * ((4.4 + 30) / (4.4 + 20)) ** 2.25)
  expect(aliveProbability(model, customer(2, 20, 30))[0]).toBeCloseTo(expected, 12)
})

test('visitProbability is the chance of one visit or more by a customer who is alive', () => {
  const model = modelOf(0.25, 4.4, 0.8, 2.4)
  const counts = customer(2, 20, 30)
  const alive = aliveProbability(model, counts)[0] as number
  const expected = alive * (1 - ((4.4 + 30) / (4.4 + 30 + 4)) ** 2.25)
  expect(visitProbability(model, counts, 28)[0]).toBeCloseTo(expected, 12)
})
