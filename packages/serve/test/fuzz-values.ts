import type { RandomGenerator } from './fuzz-random.ts'

/** Values that programs mistake for others. */
const ODD_VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -0,
  -1,
  1.5,
  1e308,
  -1e308,
  5e-324,
  2 ** 53 + 2,
  '',
  ' ',
  '0',
  'NaN',
  'null',
  'true',
  '\u0000',
  '\ud800',
  '\u202e\ufeff',
  'é'.repeat(256),
  '😀'.repeat(200),
  '__proto__',
  'constructor',
  '../../etc/passwd',
  "' OR 1=1 --",
  '{{7*7}}',
  '2026-02-30T00:00:00Z',
  '9999-12-31T23:59:60+23:59',
  '-000001-01-01T00:00:00Z',
  '1970-01-01T00:00:00-00:00',
  [],
  {},
  [[]],
  [null],
  { length: 1 },
  { toString: 1, valueOf: 1 },
]

/** Names that objects have without having been given them. */
const ODD_KEYS = ['toString', 'hasOwnProperty', 'then', 'length', '0', '', '$ref', 'constructor']

/** Returns one odd value, now and then a large one. */
export function oddValue(random: RandomGenerator): unknown {
  if (random.next() < 0.9) return structuredClone(random.pick(ODD_VALUES))
  const size = random.integer(1, 3000)
  return random.pick([
    () => 'a'.repeat(size * 10),
    () => Array.from({ length: size }, () => 'tea'),
    () => nest(size),
    () => Object.fromEntries(Array.from({ length: size }, (_, i) => [`key${i}`, i])),
  ])()
}

/** Returns a copy of `value` with one to three of its parts dropped, renamed, replaced or added to. */
export function mutateValue(value: unknown, random: RandomGenerator): unknown {
  const copy = { root: structuredClone(value) }
  for (let i = random.integer(1, 3); i > 0; i--) mutateOnce(copy, random)
  return copy.root
}

function mutateOnce(copy: { root: unknown }, random: RandomGenerator): void {
  const [holder, key] = random.pick(placesOf(copy, 'root'))
  const value = holder[key]
  switch (random.integer(0, 5)) {
    case 0:
      if (holder !== (copy as unknown)) delete holder[key]
      break
    case 1:
      if (holder !== (copy as unknown)) {
        delete holder[key]
        holder[`${key}${random.pick(['s', ' ', '\u0000', '_'])}`] = value
      }
      break
    case 2:
      if (typeof value === 'object' && value !== null) {
        const added = { [random.pick(ODD_KEYS)]: oddValue(random) }
        if (Array.isArray(value)) value.push(added)
        else Object.assign(value, added)
      } else holder[key] = oddValue(random)
      break
    case 3:
      holder[key] = retype(value)
      break
    case 4:
      if (Array.isArray(value)) {
        holder[key] = Array.from({ length: random.integer(0, 1200) }, () => value[0])
      } else holder[key] = [value]
      break
    default:
      holder[key] = oddValue(random)
  }
}

type Holder = Record<string, unknown>

function placesOf(holder: object, key: string): [Holder, string][] {
  const places: [Holder, string][] = [[holder as Holder, key]]
  const value = (holder as Holder)[key]
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.keys(value).slice(0, 20)) places.push(...placesOf(value, inner))
  }
  return places
}

function retype(value: unknown): unknown {
  if (typeof value === 'string') return Number(value)
  if (typeof value === 'number') return String(value)
  if (Array.isArray(value)) return { ...value }
  if (typeof value === 'object' && value !== null) return Object.values(value)
  return { value }
}

function nest(depth: number): unknown {
  let value: unknown = { field: 'price', max: 3 }
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? { not: value } : [value]
  return value
}
