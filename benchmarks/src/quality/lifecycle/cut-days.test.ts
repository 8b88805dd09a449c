import { describe, expect, test } from 'vitest'
import { dateOf, dayAt, horizonsBefore, monthStartsBefore } from './cut-days.ts'

test('dateOf undoes dayAt', () => {
  expect(dayAt('1970-01-03')).toBe(2)
  expect(dateOf(dayAt('2011-08-01'))).toBe('2011-08-01')
})

describe('monthStartsBefore', () => {
  const firstDay = dayAt('2009-12-01')

  test('gives the newest months whose horizon is over', () => {
    const options = { cutDay: dayAt('2011-08-01'), horizonDays: 28, firstDay, count: 6 }
    expect(monthStartsBefore(options).map(dateOf)).toEqual([
      '2011-07-01',
      '2011-06-01',
      '2011-05-01',
      '2011-04-01',
      '2011-03-01',
      '2011-02-01',
    ])
  })

  test('leaves out months whose horizon reaches past the cut', () => {
    const options = { cutDay: dayAt('2011-09-01'), horizonDays: 90, firstDay, count: 4 }
    // From the first of June to the first of September are 92 days.
    expect(monthStartsBefore(options).map(dateOf)).toEqual([
      '2011-06-01',
      '2011-05-01',
      '2011-04-01',
      '2011-03-01',
    ])
  })

  test('ends where nothing was bought before', () => {
    const options = { cutDay: dayAt('2010-03-01'), horizonDays: 28, firstDay, count: 6 }
    expect(monthStartsBefore(options).map(dateOf)).toEqual(['2010-02-01', '2010-01-01'])
  })
})

test('horizonsBefore gives days one horizon apart, as long as something was bought before', () => {
  expect(horizonsBefore({ cutDay: 100, horizonDays: 28, firstDay: 10, count: 6 })).toEqual([
    72, 44, 16,
  ])
  expect(horizonsBefore({ cutDay: 100, horizonDays: 28, firstDay: 10, count: 2 })).toEqual([72, 44])
})
