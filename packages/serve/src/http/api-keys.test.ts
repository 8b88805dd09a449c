import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createApiKey, createApiKeyFinder, readApiKeys } from './api-keys.ts'

const sha256 = createHash('sha256').update('open sesame').digest('hex')
const entry = { name: 'shop', sha256, scopes: ['read'] }

describe('readApiKeys', () => {
  test('reads entries with and without a rate limit', () => {
    const limited = { ...entry, name: 'batch', rateLimit: { max: 10, windowMs: 1000 } }
    expect(readApiKeys(JSON.stringify([entry, limited]))).toEqual([entry, limited])
  })

  test.each<[unknown, string]>([
    ['[', 'Expected `keys` to be JSON.'],
    [{}, 'Expected `keys` to be a list'],
    [[], 'Expected `keys` to be a list of one entry or more'],
    [[null], 'Expected `keys[0]` to be an object'],
    [[{ ...entry, name: 'a b' }], '`keys[0].name`'],
    [[entry, entry], '`keys[1].name`'],
    [[{ ...entry, sha256: 'open sesame' }], '`keys[0].sha256`'],
    [[{ ...entry, scopes: [] }], '`keys[0].scopes`'],
    [[{ ...entry, scopes: ['all'] }], '`keys[0].scopes[0]`'],
    [[{ ...entry, rateLimit: { max: 0, windowMs: 1 } }], '`keys[0].rateLimit.max`'],
    [[{ ...entry, rateLimit: { max: 1 } }], '`keys[0].rateLimit.windowMs`'],
    [[{ ...entry, key: 'open sesame' }], 'got key'],
  ])('refuses %j and names the field', (value, part) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    expect(() => readApiKeys(text)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(part) }),
    )
    expect(() => readApiKeys(text)).not.toThrow(/sesame/)
  })
})

describe('createApiKeyFinder', () => {
  test('finds the entry of a key, and none for another or an empty one', () => {
    const findKey = createApiKeyFinder(readApiKeys(JSON.stringify([entry])))
    expect(findKey('open sesame')).toEqual(entry)
    expect(findKey('open sesam')).toBeUndefined()
    expect(findKey('')).toBeUndefined()
    expect(findKey(sha256)).toBeUndefined()
  })
})

describe('createApiKey', () => {
  test('gives a new key each time, whose entry the finder knows', () => {
    const first = createApiKey('shop', ['read', 'write'])
    const second = createApiKey('other', ['admin'])
    expect(first.key).not.toBe(second.key)
    expect(first.key).toMatch(/^perennial_[\w-]{43}$/)
    const entries = readApiKeys(JSON.stringify([first.entry, second.entry]))
    expect(createApiKeyFinder(entries)(second.key)).toEqual(second.entry)
    expect(JSON.stringify(entries)).not.toContain(first.key)
  })

  test('refuses a scope that is none', () => {
    expect(() => createApiKey('shop', ['reed'])).toThrow('`key.scopes[0]`')
  })
})
