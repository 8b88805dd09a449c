import { RecommenderError } from '@perennial/core'
import { describe, expect, test } from 'vitest'
import { createProgram, describeFailure } from './cli.ts'

describe('createProgram', () => {
  test('has the commands of the guide', () => {
    expect(createProgram().commands.map((command) => command.name())).toContain('doctor')
  })
})

describe('describeFailure', () => {
  test('prints our errors as one block: code, message, cause', () => {
    const cause = new Error('no such file')
    const error = new RecommenderError('DATASET_MISSING', 'Expected a folder.\nGot none.', {
      cause,
    })

    expect(describeFailure(error)).toBe(
      'perennial-train: DATASET_MISSING\n  Expected a folder.\n  Got none.\n  caused by: no such file',
    )
  })

  test('prints a defect with its stack', () => {
    expect(describeFailure(new TypeError('x is not a function'))).toMatch(
      /^TypeError: x .*\n +at /s,
    )
  })
})
