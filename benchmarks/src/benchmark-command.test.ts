import { describe, expect, test } from 'vitest'
import { createBenchmarkCommand } from './benchmark-command.ts'

function parse(...args: string[]): Record<string, unknown> {
  const command = createBenchmarkCommand('bench', {
    description: 'measures',
    resultName: 'bench.json',
    users: 7,
  })
  command.exitOverride().configureOutput({ writeErr: () => undefined })
  return command.parse(args, { from: 'user' }).opts()
}

describe('createBenchmarkCommand', () => {
  test('has a default for everything but the artifact', () => {
    const { out, ...others } = parse()
    expect(others).toEqual({ items: [10_000, 100_000], users: 7, seed: 1 })
    expect(out).toMatch(/benchmarks\/results\/bench\.json$/)
  })

  test('reads sizes by comma', () => {
    expect(parse('--items', '300,5000', '--seed', '0')).toMatchObject({
      items: [300, 5000],
      seed: 0,
    })
  })

  test.each([
    ['--items', '300,'],
    ['--items', '1.5'],
    ['--users', '0'],
    ['--seed', '-1'],
  ])('refuses %s %s', (option, value) => {
    expect(() => parse(option, value)).toThrow(/Expected a whole number of [01] or more, got '/)
  })
})
