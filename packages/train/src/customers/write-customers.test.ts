import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  assessCustomers,
  buildVisitLog,
  type CustomerModels,
  LIFECYCLE_STAGES,
  type VisitModels,
} from '@perennial/core'
import { buildDataset } from '@perennial/core/testing'
import { parseString } from 'fast-csv'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fitCustomers } from './fit-customers.ts'
import { CUSTOMER_COLUMNS, type WriteCustomersOptions, writeCustomers } from './write-customers.ts'

/** 1200 customers: more than are described at a time. The last comes on day 150 alone. */
function shop() {
  const users = Array.from({ length: 1200 }, (_, u) => {
    const gap = 9 + (u % 31)
    const last = u % 3 === 0 ? 60 : 148
    const days = []
    for (let day = u % 9; day <= last; day += gap) days.push(day)
    return (u === 1199 ? [150] : days).map((day) => [1 + (u % 4), day] as const)
  })
  const dataset = buildDataset(users)
  const prices = dataset.sequences.prices.map((_, i) => 1 + (i % 7))
  const userIds = dataset.userIds.map((id) => (id === 'u1' ? 'Ann, "the" first' : id))
  return { ...dataset, userIds, sequences: { ...dataset.sequences, prices } }
}

const dataset = shop()
let models: CustomerModels
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perennial-customers-'))
  models = await fitCustomers(dataset, {
    cutDay: 140,
    outlook: { value: null, note: 'none' },
  })
})
afterAll(() => rm(folder, { recursive: true }))

const write = (name: string, options: Omit<WriteCustomersOptions, 'models'> = {}) =>
  writeCustomers(dataset, join(folder, name), { models, ...options })

async function readRows(name: string): Promise<Record<string, string>[]> {
  const text = await readFile(join(folder, name), 'utf8')
  expect(text.endsWith('\n')).toBe(true)
  return new Promise((resolve, reject) => {
    const rows: Record<string, string>[] = []
    parseString(text, { headers: true })
      .on('data', (row: Record<string, string>) => rows.push(row))
      .on('end', () => resolve(rows))
      .on('error', reject)
  })
}

describe('writeCustomers', () => {
  test('writes a row a customer, as the models have it', async () => {
    const written = await write('all.csv')
    expect(written).toMatchObject({ asOfDay: 151, numCustomers: 1200 })
    const rows = await readRows('all.csv')
    expect(Object.keys(rows[0] ?? {})).toEqual(CUSTOMER_COLUMNS)
    expect(CUSTOMER_COLUMNS).toEqual([
      'customer_id',
      'stage',
      'visits',
      'days_since_last_visit',
      'expected_visits_28',
      'expected_value_28',
      'p_buys_7',
      'p_buys_28',
      'p_buys_90',
    ])
    expect(rows.map(({ customer_id: id }) => id)).toEqual(dataset.userIds)
    const { visits, gammaGamma } = models
    const table = assessCustomers(buildVisitLog(dataset.sequences), 151, {
      visits: visits as VisitModels,
      gammaGamma,
    })
    for (const i of [0, 1, 999, 1000, 1199])
      expect(rows[i]).toEqual({
        customer_id: dataset.userIds[i],
        stage: LIFECYCLE_STAGES[table.stages[i] as number],
        visits: String(table.numVisits[i]),
        days_since_last_visit: String(151 - (table.lastVisitDays[i] as number)),
        expected_visits_28: table.expectedVisits[i]?.toFixed(4),
        expected_value_28: table.expectedValues[i]?.toFixed(2),
        p_buys_7: table.visitProbabilities[0]?.[i]?.toFixed(4),
        p_buys_28: table.visitProbabilities[1]?.[i]?.toFixed(4),
        p_buys_90: table.visitProbabilities[2]?.[i]?.toFixed(4),
      })
    expect(rows[1199]).toMatchObject({ stage: 'new', visits: '1', days_since_last_visit: '1' })
  })

  test('adds up by stage', async () => {
    const { stages } = await write('sums.csv')
    const rows = await readRows('sums.csv')
    expect(stages.map(({ stage }) => stage)).toEqual(LIFECYCLE_STAGES)
    for (const { stage, numCustomers, expectedVisits, expectedValue, meanProbability } of stages) {
      const own = rows.filter((row) => row.stage === stage)
      const sum = (column: string): number =>
        own.reduce((total, row) => total + Number(row[column]), 0)
      expect(numCustomers).toBe(own.length)
      // Rows are rounded to four and to two decimals.
      expect(Math.abs(expectedVisits - sum('expected_visits_28'))).toBeLessThan(1200 * 0.00005)
      expect(Math.abs(expectedValue - sum('expected_value_28'))).toBeLessThan(1200 * 0.005)
      if (own.length > 0) expect(meanProbability).toBeCloseTo(sum('p_buys_28') / own.length, 3)
    }
    expect(stages.filter(({ numCustomers }) => numCustomers > 0).length).toBeGreaterThan(2)
  })

  test('leaves out what comes later, and who was not there yet', async () => {
    const progress: number[] = []
    const { numCustomers } = await write('early.csv', {
      asOfDay: 100,
      onProgress: ({ numDone, numUsers }) => progress.push(numDone / numUsers),
    })
    const rows = await readRows('early.csv')
    expect(numCustomers).toBe(1199)
    expect(rows.map(({ customer_id: id }) => id)).not.toContain('u1199')
    // Customer 3 comes on days 3, 15, 27, 39, 51: every 12 days until day 60.
    expect(rows[3]).toMatchObject({ visits: '5', days_since_last_visit: '49', stage: 'lapsed' })
    expect(progress).toEqual([1000 / 1200, 1])
  })

  test('leaves the value empty where it is not modelled', async () => {
    const path = join(folder, 'no-value.csv')
    const { stages } = await writeCustomers(dataset, path, {
      models: { ...models, gammaGamma: null },
    })
    expect((await readRows('no-value.csv'))[0]?.expected_value_28).toBe('')
    expect(stages[0]?.expectedValue).toBeNaN()
  })

  test('writes nothing when it fails', async () => {
    const reason = new Error('stop')
    await expect(write('stopped.csv', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    await expect(write('nobody.csv', { asOfDay: 0 })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('1970-01-01'),
    })
    await expect(
      writeCustomers(dataset, join(folder, 'unknown.csv'), {
        models: { ...models, visits: null, notes: ['Nobody came twice.'] },
      }),
    ).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('Nobody came twice.'),
    })
    const names = await readdir(folder)
    expect(names.filter((name) => /stopped|nobody|unknown/.test(name))).toEqual([])
  })
})
