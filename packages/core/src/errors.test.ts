import { describe, expect, test } from 'vitest'
import { checkChoice, checkInteger, checkNumber, RecommenderError } from './errors.ts'

const invalid = expect.objectContaining({ name: 'RecommenderError', code: 'INVALID_OPTION' })

describe('RecommenderError', () => {
  test('carries a code and its cause', () => {
    const cause = new Error('disk')
    const error = new RecommenderError('BAD_ARTIFACT', 'message', { cause })
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({ code: 'BAD_ARTIFACT', message: 'message', cause })
  })
})

describe('checkInteger', () => {
  test('accepts the limits', () => {
    checkInteger('k', 1, 1, 5)
    checkInteger('k', 5, 1, 5)
  })

  test.each([0, 6, 1.5, Number.NaN, Infinity])('refuses %d', (value) => {
    expect(() => checkInteger('k', value, 1, 5)).toThrow(invalid)
  })

  test('says what was expected and what came', () => {
    expect(() => checkInteger('k', 0, 1)).toThrowErrorMatchingInlineSnapshot(
      `[RecommenderError: Expected \`k\` to be an integer of 1 or more, got \`0\` (number).]`,
    )
  })
})

describe('checkNumber', () => {
  test('accepts the limits', () => {
    checkNumber('rate', 0, 0, 0.9)
    checkNumber('rate', 0.9, 0, 0.9)
  })

  test.each([-0.1, 0.91, Number.NaN, Infinity])('refuses %d', (value) => {
    expect(() => checkNumber('rate', value, 0, 0.9)).toThrow(invalid)
  })
})

test('checkChoice lists the choices', () => {
  checkChoice('loss', 'next', ['next', 'dense'])
  expect(() => checkChoice('loss', 'last', ['next', 'dense'])).toThrow(
    'Expected `loss` to be one of next, dense, got `last`.',
  )
})
