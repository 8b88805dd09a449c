import { createIsoReader } from './iso-time.ts'

/** What a sample of times says about their format. */
export type FormatGuess =
  | { readonly kind: 'found'; readonly format: string }
  | { readonly kind: 'ambiguous'; readonly formats: readonly [string, string]; readonly at: number }
  | { readonly kind: 'unknown'; readonly at: number }

const DAY_AND_MONTH = /^(\d{1,2})([/.-])(\d{1,2})\2\d{4}(.*)$/
const YEAR_FIRST = /^\d{4}([/.])\d{1,2}\1\d{1,2}(.*)$/
const CLOCK = /^(,?[ T])(\d{1,2}):\d{2}(:\d{2})?(\.\d{3})?( ?[AaPp][Mm])?$/

/**
 * Guesses the format of times: `iso`, `epoch-s`, `epoch-ms` or a luxon format.
 *
 * Day and month are told apart only by a value above 12, or by dots, which no month-first country writes.
 * The format must fit most texts; the others are counted later as rows that cannot be read.
 *
 * @param texts - Times as they stand in the file, none empty.
 * @returns `ambiguous` and `unknown` carry the position of an example in `texts`.
 */
export function guessTimestampFormat(texts: readonly string[]): FormatGuess {
  const readIso = createIsoReader()
  const counts = new Map<string, { count: number; at: number }>()
  texts.forEach((text, at) => {
    const shape = Number.isNaN(readIso(text).ms) ? shapeOf(text) : 'iso'
    const entry = counts.get(shape) ?? { count: 0, at }
    entry.count++
    counts.set(shape, entry)
  })
  const [shape, { at }] = [...counts].sort(([, a], [, b]) => b.count - a.count)[0] as [
    string,
    { at: number },
  ]
  if (shape === '') return { kind: 'unknown', at }
  if (!shape.includes('?')) return { kind: 'found', format: shape }
  return chooseDayOrMonth(texts, shape, at)
}

/** The format of one text; `?` stands for a day or a month, `''` for an unknown format. */
function shapeOf(text: string): string {
  if (/^\d{12,13}$/.test(text)) return 'epoch-ms'
  if (/^\d{9,10}(\.\d+)?$/.test(text)) return 'epoch-s'
  if (/^(19|20)\d{6}$/.test(text)) return 'yyyyMMdd'
  const yearFirst = YEAR_FIRST.exec(text)
  if (yearFirst !== null) return joinClock(`yyyy${yearFirst[1]}M${yearFirst[1]}d`, yearFirst[2])
  const parts = DAY_AND_MONTH.exec(text)
  if (parts === null) return ''
  const mark = parts[2] as string
  return joinClock(mark === '.' ? 'd.M.yyyy' : `?${mark}?${mark}yyyy`, parts[4])
}

function joinClock(date: string, rest: string | undefined): string {
  if (rest === undefined || rest === '') return date
  const clock = CLOCK.exec(rest)
  if (clock === null) return ''
  const [, gap, , seconds, fraction, meridiem] = clock
  const hour = meridiem === undefined ? 'H' : 'h'
  const half = meridiem === undefined ? '' : meridiem.length === 3 ? ' a' : 'a'
  return `${date}${gap === ' ' ? gap : gap?.replace('T', "'T'")}${hour}:mm${seconds ? ':ss' : ''}${fraction ? '.SSS' : ''}${half}`
}

function chooseDayOrMonth(texts: readonly string[], shape: string, at: number): FormatGuess {
  const dayFirst = shape.replace('?', 'd').replace('?', 'M')
  const monthFirst = shape.replace('?', 'M').replace('?', 'd')
  let numDayFirst = 0
  let numMonthFirst = 0
  for (const text of texts) {
    const parts = DAY_AND_MONTH.exec(text)
    if (Number(parts?.[1]) > 12) numDayFirst++
    if (Number(parts?.[3]) > 12) numMonthFirst++
  }
  if (numDayFirst > numMonthFirst * 10) return { kind: 'found', format: dayFirst }
  if (numMonthFirst > numDayFirst * 10) return { kind: 'found', format: monthFirst }
  return { kind: 'ambiguous', formats: [dayFirst, monthFirst], at }
}
