import { readFile } from 'node:fs/promises'
import { checkChoice, checkNumber, RecommenderError } from '@perennial/core'
import { COLUMN_ROLES, type ColumnMapping } from './column-mapping.ts'
import { DECIMAL_MARKS, type DecimalMark } from './number-parser.ts'
import { INPUT_FORMATS, type InputFormat } from './row-source.ts'

/** Ways in which item ids can be written alike. */
export const ITEM_ID_FORMS = ['none', 'upper'] as const

/** Options that a configuration file may hold too. */
export interface IngestSettings {
  /** Column names by role; others are guessed from the header. */
  readonly mapping?: ColumnMapping | undefined
  /** File with one row an item: id, title, category, price. Its values win over those of the events. */
  readonly itemsFile?: string | undefined
  /** Column names of `itemsFile`; others are guessed from its header. */
  readonly itemsMapping?: ColumnMapping | undefined
  /** @defaultValue guessed from each name */
  readonly format?: InputFormat | undefined
  /** Any encoding known to iconv. @defaultValue the byte order mark, else utf-8 */
  readonly encoding?: string | undefined
  /** One character between values of a CSV. @defaultValue guessed from the header */
  readonly delimiter?: string | undefined
  /** `iso`, `epoch-s`, `epoch-ms` or a luxon format. @defaultValue guessed where no date is ambiguous */
  readonly timestampFormat?: string | undefined
  /** IANA zone of times without an offset; required if there are any. It also decides where days end. */
  readonly timeZone?: string | undefined
  /** Mark of fractions in quantities and prices; see `createNumberParser`. @defaultValue `.`, and no grouping */
  readonly decimal?: DecimalMark | undefined
  /** ISO 4217 code of prices. With a currency column only rows in it are kept. @defaultValue the most frequent */
  readonly currency?: string | undefined
  /** What parts the levels of a category. @defaultValue the one of `>`, `|` and `/` seen most */
  readonly categorySeparator?: string | undefined
  /** Rows whose order id starts with it are cancellations. */
  readonly cancelPrefix?: string | undefined
  /** Regular expression that the id of every product matches. */
  readonly itemPattern?: string | undefined
  /** `upper` writes item ids in capitals. @defaultValue `none` */
  readonly normalizeItemIds?: (typeof ITEM_ID_FORMS)[number] | undefined
  /** Earliest time kept, ISO 8601. @defaultValue `1990-01-01` */
  readonly minDate?: string | undefined
  /** Latest time kept, ISO 8601; of a date alone its whole day. @defaultValue one day from now */
  readonly maxDate?: string | undefined
  /** Highest price kept. @defaultValue no limit */
  readonly maxPrice?: number | undefined
  /** Drops rows with price zero. @defaultValue `false` */
  readonly dropFree?: boolean | undefined
  /** Keeps rows that equal an earlier row in every mapped column but title and category. @defaultValue `false` */
  readonly keepDuplicates?: boolean | undefined
  /** Share of rows that may be unreadable, `0..1`; more stops the run. @defaultValue `0.2` */
  readonly maxBadShare?: number | undefined
}

/** Options of `ingest`. */
export interface IngestOptions extends IngestSettings {
  /** Files, read in this order as one log. */
  readonly inputs: readonly string[]
  /** Folder to write; replaced as a whole at the end. */
  readonly output: string
  /** JSON file with any of {@link IngestSettings}; options given here win. */
  readonly config?: string | undefined
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: IngestProgress) => void) | undefined
}

/** How far ingest is. */
export interface IngestProgress {
  readonly phase: 'read' | 'sort' | 'write'
  /** Bytes read from disk, compressed ones for gzip. */
  readonly bytesRead: number
  readonly totalBytes: number
  readonly numRows: number
}

/** Settings with defaults filled in, and the mapping of the configuration file beside that of the caller. */
export interface IngestConfig extends IngestSettings {
  readonly mapping: ColumnMapping
  readonly configMapping: ColumnMapping
  readonly normalizeItemIds: 'none' | 'upper'
  readonly minDate: string
  readonly dropFree: boolean
  readonly keepDuplicates: boolean
  readonly maxBadShare: number
}

const SETTING_NAMES = {
  mapping: true,
  itemsFile: true,
  itemsMapping: true,
  format: true,
  encoding: true,
  delimiter: true,
  timestampFormat: true,
  timeZone: true,
  decimal: true,
  currency: true,
  categorySeparator: true,
  cancelPrefix: true,
  itemPattern: true,
  normalizeItemIds: true,
  minDate: true,
  maxDate: true,
  maxPrice: true,
  dropFree: true,
  keepDuplicates: true,
  maxBadShare: true,
} as const satisfies Record<keyof IngestSettings, true>

/**
 * Turns options, and the configuration file they may name, into a checked configuration.
 *
 * @throws {@link RecommenderError} `INVALID_OPTION` if a value is out of range or a key is unknown.
 */
export async function resolveIngestOptions(options: IngestOptions): Promise<IngestConfig> {
  const fromFile = options.config === undefined ? {} : await readConfigFile(options.config)
  const given = Object.entries(options).filter(
    ([name, value]) => name in SETTING_NAMES && value !== undefined,
  )
  const settings: IngestSettings = { ...fromFile, ...Object.fromEntries(given) }
  const config: IngestConfig = {
    ...settings,
    mapping: options.mapping ?? {},
    configMapping: fromFile.mapping ?? {},
    currency: settings.currency?.toUpperCase(),
    normalizeItemIds: settings.normalizeItemIds ?? 'none',
    minDate: settings.minDate ?? '1990-01-01',
    dropFree: settings.dropFree ?? false,
    keepDuplicates: settings.keepDuplicates ?? false,
    maxBadShare: settings.maxBadShare ?? 0.2,
  }
  checkConfig(config, options.inputs)
  return config
}

async function readConfigFile(path: string): Promise<IngestSettings> {
  const fail = (problem: string, cause?: unknown): RecommenderError =>
    new RecommenderError('INVALID_OPTION', `${path}: ${problem}`, { cause })
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw fail('the file of `config` (--config) cannot be read. Check the path.', cause)
  })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw fail(`the file of \`config\` (--config) is not JSON: ${(cause as Error).message}.`, cause)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw fail('expected a JSON object such as {"mapping": {"userId": "Customer ID"}}.')
  }
  const unknown = Object.keys(value).filter((name) => !(name in SETTING_NAMES))
  if (unknown.length === 0) return value
  throw fail(
    `unknown settings ${unknown.join(', ')}. Known are ${Object.keys(SETTING_NAMES).join(', ')}.`,
  )
}

function checkConfig(config: IngestConfig, inputs: readonly string[]): void {
  const { itemPattern, currency, format, decimal, maxPrice } = config
  const fail = (message: string): never => {
    throw new RecommenderError('INVALID_OPTION', message)
  }
  if (inputs.length === 0) fail('Expected `inputs` to name at least one file, got none.')
  checkNumber('maxBadShare', config.maxBadShare, 0, 1)
  checkChoice('normalizeItemIds', config.normalizeItemIds, ITEM_ID_FORMS)
  if (maxPrice !== undefined) checkNumber('maxPrice', maxPrice, 0)
  if (format !== undefined) checkChoice('format', format, INPUT_FORMATS)
  if (decimal !== undefined) checkChoice('decimal', decimal, DECIMAL_MARKS)
  if (currency !== undefined && !/^[A-Z]{3}$/.test(currency)) {
    fail(`Expected \`currency\` (--currency) to be a code such as EUR, got '${currency}'.`)
  }
  for (const mapping of [config.mapping, config.configMapping, config.itemsMapping ?? {}]) {
    for (const role of Object.keys(mapping)) checkChoice('mapping', role, COLUMN_ROLES)
  }
  try {
    new RegExp(itemPattern ?? '')
  } catch (cause) {
    fail(
      `Expected \`itemPattern\` (--item-pattern) to be a regular expression: ${(cause as Error).message}.`,
    )
  }
}
