import { createEncoderConfig } from '@perennial/core'
import { describe, expect, test } from 'vitest'
import { encoderDefinition } from './encoder-definition.ts'
import { planBuffers } from './plan.ts'
import { type Program, recordProgram } from './program.ts'

const options = { maxTokens: 4, maxShares: 16, training: true }

describe('planBuffers', () => {
  test('puts results where inputs stood that nobody reads again, and never over what backward needs', () => {
    // x -> relu -> y -> scale -> z; x + z. Backward reads y for relu; x lives until the sum.
    const program: Program = {
      nodes: [
        { op: 'relu', inputs: [0], output: 1 },
        { op: 'scale', inputs: [1], output: 2, factor: 2 },
        { op: 'add', inputs: [0, 2], output: 3 },
      ],
      widths: [3, 3, 3, 3],
      output: 3,
    }
    const { nodes, input } = planBuffers(program, options)
    const [relu, scale, add] = nodes as [(typeof nodes)[0], (typeof nodes)[0], (typeof nodes)[0]]
    expect(relu.output).not.toBe(input)
    expect(scale.output).not.toBe(input)
    expect(scale.output).not.toBe(relu.output)
    expect([input, scale.output]).toContain(add.output)
    // The sum hands its gradient on in place to one side; the other side's is the first share of x.
    expect(add.inputGradients).toContain(add.gradient)
    expect(add.adds).toEqual([false, false])
    expect(relu.adds).toEqual([true])
    expect(relu.inputGradients[0]).toBe(add.inputGradients[0])
  })

  test('needs less room without a backward pass', () => {
    const config = createEncoderConfig({ dim: 8, numBlocks: 3, maxLength: 4 })
    const bytesOf = (training: boolean): number =>
      planBuffers(recordProgram(encoderDefinition(config), training), { ...options, training })
        .bytes
    expect(bytesOf(false)).toBeLessThan(bytesOf(true) / 3)
  })
})

test('recordProgram takes the bias into the product and leaves dropout out of scoring', () => {
  const config = createEncoderConfig({ dim: 8, numBlocks: 1, dropout: 0.2 })
  const opsOf = (training: boolean): string[] =>
    recordProgram(encoderDefinition(config), training).nodes.map(({ op }) => op)
  expect(opsOf(true)).not.toContain('addRow')
  expect(opsOf(true).filter((op) => op === 'dropout').length).toBe(4)
  expect(opsOf(false)).not.toContain('dropout')
})
