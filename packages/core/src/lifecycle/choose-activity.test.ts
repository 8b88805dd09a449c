import { describe, expect, test } from 'vitest'
import { createRng } from '../random.ts'
import { buildDataset } from '../testing.ts'
import { visitProbability } from './bg-nbd.ts'
import { chooseActivity, forecastVisits } from './choose-activity.ts'
import { countRepeatVisits } from './purchase-counts.ts'
import { buildVisitLog, type VisitLog } from './visit-log.ts'

const logOf = (users: readonly (readonly number[])[]): VisitLog =>
  buildVisitLog(buildDataset(users.map((days) => days.map((day) => [1, day] as const))).sequences)

/** Customers who come every 40 days, give or take two, each from his own day on. */
function rhythmic(numCustomers: number, untilDay: number): number[][] {
  const rng = createRng(11)
  return Array.from({ length: numCustomers }, () => {
    const days = [rng.nextInt(80)]
    while ((days.at(-1) as number) < untilDay)
      days.push((days.at(-1) as number) + 38 + rng.nextInt(5))
    return days
  })
}

/** Customers as BG/NBD has them: any day is as good as any other, at a rate of their own, until they drop out. */
function random(numCustomers: number, untilDay: number): number[][] {
  const rng = createRng(12)
  return Array.from({ length: numCustomers }, () => {
    const meanGap = 20 / -Math.log(1 - rng.next())
    const dropOut = 1 - (1 - rng.next()) ** (1 / 5)
    const days = [rng.nextInt(80)]
    while ((days.at(-1) as number) < untilDay && rng.next() > dropOut)
      days.push((days.at(-1) as number) + Math.ceil(-Math.log(1 - rng.next()) * meanGap))
    return days
  })
}

describe('chooseActivity', () => {
  const users = rhythmic(300, 500)
  const visits = logOf(users)
  const options = { asOfDay: 400, horizonDays: 14 }
  const choice = chooseActivity(visits, options)

  test('takes the logistic model where customers have a rhythm, which BG/NBD does not see', () => {
    expect(choice.kind).toBe('logistic')
    expect(choice.validationDay).toBe(386)
    expect(choice.logLoss.logistic).toBeLessThan(0.5 * (choice.logLoss.bgNbd as number))
    const { userRows, probabilities } = forecastVisits(choice, visits)
    expect(userRows.length).toBe(300)
    const meanOf = (isMember: (recency: number) => boolean): number => {
      const members = Array.from(userRows.keys()).filter((i) =>
        isMember(400 - Math.max(...(users[i] as number[]).filter((day) => day < 400))),
      )
      return members.reduce((sum, i) => sum + (probabilities[i] as number), 0) / members.length
    }
    // Whoever came 29 to 37 days ago comes within 14 days for sure, whoever came within 20 surely not.
    expect(meanOf((recency) => recency >= 29 && recency <= 37)).toBeGreaterThan(0.9)
    expect(meanOf((recency) => recency <= 20)).toBeLessThan(0.1)
  })

  test('takes BG/NBD where its assumptions hold', () => {
    const log = logOf(random(300, 500))
    const chosen = chooseActivity(log, options)
    expect(chosen.kind).toBe('bg-nbd')
    expect(chosen.logistic).toBe(null)
    expect(chosen.logLoss.bgNbd).toBeLessThan(chosen.logLoss.logistic as number)
    const { probabilities } = forecastVisits(chosen, log)
    const counts = countRepeatVisits(log, { cutDay: 400 })
    expect(probabilities).toEqual(visitProbability(chosen.context.bgNbd, counts, 14))
  })

  test('takes BG/NBD where there is too little to learn from', () => {
    const { kind, logLoss } = chooseActivity(logOf(users.slice(0, 8)), options)
    expect(kind).toBe('bg-nbd')
    expect(logLoss.bgNbd).toBeGreaterThan(0)
    expect(logLoss.logistic).toBe(null)
    // Nothing had happened twice at the newest cut.
    const young = chooseActivity(logOf([[390, 395], [391]]), options)
    expect(young.logLoss).toEqual({ bgNbd: null, logistic: null })
  })

  test('is not touched by the future', () => {
    const poisoned = users.map((days) => [...days.filter((day) => day < 400), 400, 401, 402, 413])
    const log = logOf([...poisoned, [400, 401]])
    expect(chooseActivity(log, options)).toEqual(choice)
    expect(forecastVisits(choice, log)).toEqual(forecastVisits(choice, visits))
  })

  test('learns from as many cuts as it is told', () => {
    const few = chooseActivity(visits, { ...options, numCuts: 3 })
    expect(few.kind).toBe('logistic')
    expect(few.logistic?.weights).not.toEqual(choice.logistic?.weights)
  })

  test('refuses options out of range, and stops when told to', () => {
    const codeIs = (code: string) => expect.objectContaining({ code })
    expect(() => chooseActivity(visits, { ...options, horizonDays: 0 })).toThrow(
      codeIs('INVALID_OPTION'),
    )
    expect(() => chooseActivity(visits, { ...options, numCuts: 0 })).toThrow(
      codeIs('INVALID_OPTION'),
    )
    expect(() => chooseActivity(logOf([[1], [2]]), options)).toThrow(codeIs('INVALID_INPUT'))
    expect(() => chooseActivity(visits, { ...options, signal: AbortSignal.abort() })).toThrow(
      codeIs('ABORTED'),
    )
  })
})
