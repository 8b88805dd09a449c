/** The value of an attribute. */
export type AttributeValue = string | number | boolean

/** Values of a number by item row; NaN where unknown. */
export interface NumberColumn {
  readonly kind: 'number'
  values: Float64Array | Float32Array
}

/** Values of a text by item row, as codes of a dictionary; 0 where unknown. */
export interface TextColumn {
  readonly kind: 'text'
  codes: Int32Array
  /** Text of each code; entry 0 is not used. */
  readonly texts: string[]
  readonly codeOf: Map<string, number>
}

/** Values of a flag by item row: 0 unknown, 1 false, 2 true. */
export interface FlagColumn {
  readonly kind: 'flag'
  values: Uint8Array
}

/** One attribute of all items. The arrays may be longer than the items are many. */
export type AttributeColumn = NumberColumn | TextColumn | FlagColumn

const KINDS = { number: 'number', string: 'text', boolean: 'flag' } as const

/** Returns the kind of column that holds a value. */
export function kindOf(value: AttributeValue): AttributeColumn['kind'] {
  return KINDS[typeof value as keyof typeof KINDS]
}

/** Returns a column in which every value is unknown. */
export function createColumn(kind: AttributeColumn['kind'], capacity: number): AttributeColumn {
  switch (kind) {
    case 'number':
      return { kind, values: new Float64Array(capacity).fill(Number.NaN) }
    case 'text':
      return { kind, codes: new Int32Array(capacity), texts: [''], codeOf: new Map() }
    case 'flag':
      return { kind, values: new Uint8Array(capacity) }
  }
}

/** Lengthens a column; the added values are unknown. */
export function growColumn(column: AttributeColumn, capacity: number): void {
  switch (column.kind) {
    case 'number': {
      const values = new Float64Array(capacity).fill(Number.NaN, column.values.length)
      values.set(column.values)
      column.values = values
      return
    }
    case 'text': {
      const codes = new Int32Array(capacity)
      codes.set(column.codes)
      column.codes = codes
      return
    }
    case 'flag': {
      const values = new Uint8Array(capacity)
      values.set(column.values)
      column.values = values
    }
  }
}

/** Sets one value of a column of its kind; `null` makes it unknown. */
export function writeValue(
  column: AttributeColumn,
  itemRow: number,
  value: AttributeValue | null,
): void {
  switch (column.kind) {
    case 'number':
      column.values[itemRow] = value === null ? Number.NaN : (value as number)
      return
    case 'flag':
      column.values[itemRow] = value === null ? 0 : value === true ? 2 : 1
      return
    case 'text': {
      if (value === null) {
        column.codes[itemRow] = 0
        return
      }
      const text = value as string
      let code = column.codeOf.get(text)
      if (code === undefined) {
        code = column.texts.push(text) - 1
        column.codeOf.set(text, code)
      }
      column.codes[itemRow] = code
    }
  }
}

/** Returns one value of a column, or `undefined` where it is unknown. */
export function readValue(column: AttributeColumn, itemRow: number): AttributeValue | undefined {
  switch (column.kind) {
    case 'number': {
      const value = column.values[itemRow] as number
      return Number.isNaN(value) ? undefined : value
    }
    case 'flag': {
      const value = column.values[itemRow] as number
      return value === 0 ? undefined : value === 2
    }
    case 'text': {
      const code = column.codes[itemRow] as number
      return code === 0 ? undefined : column.texts[code]
    }
  }
}
