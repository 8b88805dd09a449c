import type { RandomGenerator } from './fuzz-random.ts'
import { mutateValue, oddValue } from './fuzz-values.ts'
import type { DescribedOperation } from './openapi-operations.ts'

/** One request to send. */
export interface FuzzRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Buffer | undefined
}

const CONTENT_TYPES = [
  'text/plain',
  'application/xml',
  'multipart/form-data; boundary=x',
  'application/x-www-form-urlencoded',
  'application/json; charset=utf-16',
  'application/json, application/json',
  'application/jsonp',
  'application',
  ';',
  '',
]

const HEADERS: Readonly<Record<string, readonly string[]>> = {
  authorization: ['', 'Bearer', 'Bearer x', 'Basic eDp5', `Bearer ${'x'.repeat(4000)}`],
  accept: ['', 'text/html', '*/*;q=nonsense', 'a'.repeat(2000)],
  'accept-encoding': ['gzip', 'nonsense'],
  'content-encoding': ['gzip', 'br', 'nonsense'],
  'x-forwarded-for': ['10.0.0.1', 'nonsense', '::1, ::2, ::3'],
  'x-forwarded-proto': ['javascript'],
  host: ['', 'evil.example', 'a b'],
  cookie: ['__proto__=1', ';;;==='],
  'x-http-method-override': ['DELETE'],
  'if-none-match': ['*'],
  range: ['bytes=0-1'],
  expect: ['200-ok'],
  origin: ['null'],
}

/** Returns a request made from one operation's examples and parameters, most with something wrong. */
export function createFuzzRequest(
  operation: DescribedOperation,
  { random, key }: { readonly random: RandomGenerator; readonly key: string },
): FuzzRequest {
  const { method, path, parameters = [], media } = operation
  const query = parameters.filter((parameter) => parameter.in === 'query')
  const examples = media.find(({ where }) => where === 'request')?.examples
  const body = examples === undefined ? undefined : createBody(random.pick(examples), random)
  const text = (value: unknown): string => (typeof value === 'object' ? 'x' : String(value))
  const filled = path.replace(/\{\w+\}/g, () => createPathPart(text(oddValue(random)), random))
  const fields = query
    .filter(() => random.next() < 0.4)
    .map(({ name }) => {
      const value = random.pick(['5', 'true', '2026-02-01T00:00:00Z', text(oddValue(random))])
      return `${random.next() < 0.95 ? name : oddName(random)}=${encode(value)}`
    })
  return {
    method: random.next() < 0.97 ? method : random.pick(['PUT', 'PATCH', 'DELETE', 'OPTIONS']),
    url: fields.length === 0 ? filled : `${filled}?${fields.join('&')}`.slice(0, 8000),
    headers: createHeaders({ random, key, hasBody: body !== undefined }),
    body,
  }
}

function createHeaders({
  random,
  key,
  hasBody,
}: {
  readonly random: RandomGenerator
  readonly key: string
  readonly hasBody: boolean
}): Record<string, string> {
  const headers: Record<string, string> = { authorization: `Bearer ${key}` }
  if (hasBody) {
    headers['content-type'] = random.next() < 0.95 ? 'application/json' : random.pick(CONTENT_TYPES)
  }
  if (random.next() < 0.15) {
    const name = random.pick(Object.keys(HEADERS))
    headers[name] = random.pick(HEADERS[name] as readonly string[])
  }
  return headers
}

/** Valid one time in ten, wrong in its values seven times, wrong in its bytes twice. */
function createBody(example: unknown, random: RandomGenerator): Buffer {
  const kind = random.next()
  if (kind < 0.1) return Buffer.from(JSON.stringify(example))
  if (kind < 0.8) return Buffer.from(JSON.stringify(mutateValue(example, random)) ?? '')
  return createBrokenText(JSON.stringify(example), random)
}

function createBrokenText(text: string, random: RandomGenerator): Buffer {
  const at = random.integer(0, text.length)
  const bytes = Buffer.from(text)
  return random.pick([
    () => bytes.subarray(0, at),
    () =>
      Buffer.concat([bytes.subarray(0, at), Buffer.from([0xc3, 0x28, 0xff]), bytes.subarray(at)]),
    () => Buffer.concat([bytes, Buffer.from('}]')]),
    () => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]),
    () => Buffer.from(text, 'utf16le'),
    () => Buffer.from(text.replace(/\d+/, () => random.pick(['NaN', '1e999', '-Infinity', '01']))),
    () => Buffer.from(text.replace(/"[^"]*"/, '"__proto__":{"k":1},$&')),
    () => Buffer.from(text.replace('{', '{"__proto__":{"userId":"u"},')),
    () => Buffer.from(text.replace('{', '{"constructor":{"prototype":{"k":1}},')),
    () => Buffer.from(text.replace('{', '{"k":1,"k":2,"userId":"a","userId":"b",')),
    () => Buffer.from(`${'['.repeat(random.integer(1, 100_000))}`),
    () => Buffer.from(`${'{"a":'.repeat(random.integer(1, 20_000))}1`),
    () => Buffer.from(`"${'a'.repeat(random.integer(0, 1_100_000))}"`),
    () => Buffer.from(text).map((byte) => (random.next() < 0.02 ? random.integer(0, 255) : byte)),
    () => Buffer.alloc(0),
    () => Buffer.from(random.pick(['null', '0', '""', '[]', '{}', 'true', ' ', '"x"'])),
  ])() as Buffer
}

function createPathPart(text: string, random: RandomGenerator): string {
  if (random.next() < 0.5) return random.pick(['C0007', 'tea', 'nobody'])
  if (random.next() < 0.1) return random.pick(['%', '%zz', '%c3%28', '..', '.', '%2e%2e', ';', '*'])
  return encode(text).slice(0, 4000)
}

function oddName(random: RandomGenerator): string {
  return encode(random.pick(['__proto__', 'k[]', 'k[a]', 'constructor', '', 'toString', 'K']))
}

function encode(text: string): string {
  return encodeURIComponent(text.replace(/[\ud800-\udfff]/g, ''))
}
