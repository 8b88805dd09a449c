import { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { LOAD_PROFILES } from './load-profiles.ts'
import { addLoadOptions, type LoadRun, readLoadRun } from './read-load-run.ts'

function read(...args: string[]): LoadRun {
  const command = addLoadOptions(new Command('x').exitOverride().configureOutput({ writeErr() {} }))
  return readLoadRun(command.parse(args, { from: 'user' }))
}

describe('readLoadRun', () => {
  test('is the load that is promised when nothing is said', () => {
    const { sizes, settings, transports, budgets, out } = read()
    expect(sizes).toEqual({ numItems: 100_000, numUsers: 200_000, eventsPerUser: 50, seed: 1 })
    expect(settings).toMatchObject({ ratePerSecond: 1000, writeShare: 0.1, spacing: 'poisson' })
    expect(settings.seconds.measured).toBe(300)
    expect(transports).toEqual(['http', 'in-process'])
    expect(budgets).toBe('load')
    expect(out).toMatch(/benchmarks.results.load\.json$/)
  })

  test('takes a profile, and what differs from it', () => {
    const { sizes, settings, transports, budgets, out } = read(
      ...['--profile', 'quick', '--items', '500', '--duration', '0.5', '--transport', 'http'],
      ...['--no-budgets', '--writes', '0', '--explain', '--reload-every', '2'],
    )
    expect(sizes).toEqual({ ...LOAD_PROFILES.quick.sizes, numItems: 500, seed: 1 })
    expect(settings.seconds).toEqual({ ...LOAD_PROFILES.quick.load.seconds, measured: 0.5 })
    expect(settings).toMatchObject({ writeShare: 0, explain: true, reloadEverySeconds: 2 })
    expect(transports).toEqual(['http'])
    expect(budgets).toBeUndefined()
    expect(out).toContain('.perennial')
  })

  test.each([
    ['--writes', '1.1'],
    ['--rate', '-1'],
    ['--profile', 'huge'],
    ['--transport', 'udp'],
  ])('refuses %s %s', (...args) => {
    expect(() => read(...args)).toThrow(args[0])
  })
})
