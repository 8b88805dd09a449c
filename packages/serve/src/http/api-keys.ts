import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { checkChoice, checkInteger, RecommenderError } from '@perennial/core'
import { SCOPES, type Scope } from './scopes.ts'

/** Requests that a key may send. */
export interface RateLimit {
  /** Requests within a window, 1 or more. */
  readonly max: number
  /** Length of a window in milliseconds, 1 or more. */
  readonly windowMs: number
}

/** One API key as the server knows it: by its digest, so that whoever reads the file cannot use it. */
export interface ApiKeyEntry {
  /** 1 to 64 of `a-z`, `A-Z`, `0-9`, `.`, `_` and `-`; stands in the log for who asked. */
  readonly name: string
  /** SHA-256 of the key, in hexadecimal. */
  readonly sha256: string
  readonly scopes: readonly Scope[]
  /** @defaultValue that of the server */
  readonly rateLimit?: RateLimit | undefined
}

/** Finds the entry of a key that was presented, or none. */
export type FindApiKey = (key: string) => ApiKeyEntry | undefined

/**
 * Reads a list of key entries from JSON.
 *
 * @throws {@link RecommenderError} `INVALID_OPTION` naming the entry and the field; the message holds no digest.
 */
export function readApiKeys(text: string): readonly ApiKeyEntry[] {
  const entries = parseList(text)
  const names = new Set<string>()
  return entries.map((value, i) => {
    const entry = readEntry(value, `keys[${i}]`)
    if (names.has(entry.name)) {
      fail(`keys[${i}].name`, 'be different from those before', `\`${entry.name}\` again`)
    }
    names.add(entry.name)
    return entry
  })
}

/**
 * Creates a lookup that takes the same time whichever entry matches, or none.
 *
 * The key is hashed, its digest is compared in constant time, and every entry is compared whatever came before.
 */
export function createApiKeyFinder(entries: readonly ApiKeyEntry[]): FindApiKey {
  const known = entries.map((entry) => ({ entry, digest: Buffer.from(entry.sha256, 'hex') }))
  return (key) => {
    const presented = createHash('sha256').update(key).digest()
    let found: ApiKeyEntry | undefined
    for (const { entry, digest } of known) {
      if (timingSafeEqual(digest, presented)) found = entry
    }
    return found
  }
}

/**
 * Creates a key with 256 bits of the system's randomness and the entry to put into the list of keys.
 *
 * @throws {@link RecommenderError} `INVALID_OPTION` naming the field.
 */
export function createApiKey(
  name: string,
  scopes: readonly string[],
): { readonly key: string; readonly entry: ApiKeyEntry } {
  const key = `perennial_${randomBytes(32).toString('base64url')}`
  const sha256 = createHash('sha256').update(key).digest('hex')
  return { key, entry: readEntry({ name, sha256, scopes }, 'key') }
}

function parseList(text: string): readonly unknown[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new RecommenderError('INVALID_OPTION', 'Expected `keys` to be JSON.', { cause })
  }
  if (!Array.isArray(value) || value.length === 0) {
    fail('keys', 'be a list of one entry or more', Array.isArray(value) ? 'none' : typeof value)
  }
  return value
}

const FIELDS = ['name', 'sha256', 'scopes', 'rateLimit']

function readEntry(value: unknown, path: string): ApiKeyEntry {
  if (!isObject(value)) fail(path, 'be an object', typeof value)
  const { name, sha256, scopes, rateLimit } = value
  const unknown = Object.keys(value).find((field) => !FIELDS.includes(field))
  if (unknown !== undefined) fail(path, `have no other fields than ${FIELDS.join(', ')}`, unknown)
  if (typeof name !== 'string' || !/^[\w.-]{1,64}$/.test(name)) {
    fail(`${path}.name`, 'be 1 to 64 letters, digits, `.`, `_` or `-`', 'something else')
  }
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/i.test(sha256)) {
    fail(`${path}.sha256`, 'be 64 hexadecimal digits', 'something else')
  }
  if (!Array.isArray(scopes) || scopes.length === 0) {
    fail(`${path}.scopes`, `be a list of ${SCOPES.join(', ')}`, 'something else')
  }
  for (const [i, scope] of scopes.entries()) {
    checkChoice(`${path}.scopes[${i}]`, String(scope), SCOPES)
  }
  return {
    name,
    sha256,
    scopes,
    ...(rateLimit === undefined ? {} : { rateLimit: readRateLimit(rateLimit, path) }),
  }
}

function readRateLimit(value: unknown, path: string): RateLimit {
  if (!isObject(value)) fail(`${path}.rateLimit`, 'be an object', typeof value)
  const { max, windowMs } = value
  checkInteger(`${path}.rateLimit.max`, max as number, 1)
  checkInteger(`${path}.rateLimit.windowMs`, windowMs as number, 1)
  return { max: max as number, windowMs: windowMs as number }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function fail(path: string, expected: string, got: string): never {
  throw new RecommenderError('INVALID_OPTION', `Expected \`${path}\` to ${expected}, got ${got}.`)
}
