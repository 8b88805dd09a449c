import { describe, expect, test } from 'vitest'
import { createNumberParser } from './number-parser.ts'

describe('createNumberParser', () => {
  test.each([
    ['7', 7],
    ['42', 42],
    ['-3', -3],
    [' 2.50 ', 2.5],
    ['.5', 0.5],
    ['1e3', 1000],
    ['1234567.25', 1_234_567.25],
  ])('reads %s whatever the mark of fractions is left to', (text, value) => {
    expect(createNumberParser()(text)).toBe(value)
  })

  test.each([
    '',
    ' ',
    '-',
    '.',
    'x',
    '1,234',
    '2,50',
    '0x10',
    'Infinity',
    '1e999',
    '1e39',
    '1 2',
    '£2',
  ])('refuses %o', (text) => {
    expect(createNumberParser()(text)).toBeNaN()
  })

  test.each([
    ['.', '1,234.50', 1234.5],
    ['.', '1 234 567', 1_234_567],
    ['.', "1'234", 1234],
    ['.', '2.5', 2.5],
    ['.', '2,50', Number.NaN],
    ['.', '12,34', Number.NaN],
    [',', '1.234,50', 1234.5],
    [',', '1\u00a0234,5', 1234.5],
    [',', '2,5', 2.5],
    [',', '1.234', 1234],
    [',', '2.5', Number.NaN],
    [',', '1,2,3', Number.NaN],
  ] as const)('with mark %s reads %o as %d', (decimal, text, value) => {
    expect(createNumberParser(decimal)(text)).toBe(value)
  })
})
