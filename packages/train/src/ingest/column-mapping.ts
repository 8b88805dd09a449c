import { RecommenderError } from '@perennial/core'

/** What a column of the merchant's file can mean. The first three are required. */
export const COLUMN_ROLES = [
  'userId',
  'itemId',
  'timestamp',
  'quantity',
  'price',
  'currency',
  'eventType',
  'categoryPath',
  'title',
  'orderId',
] as const

/** One of {@link COLUMN_ROLES}. */
export type ColumnRole = (typeof COLUMN_ROLES)[number]

/** Column name by role; `null` leaves a role without a column even if the header suggests one. */
export type ColumnMapping = Partial<Record<ColumnRole, string | null>>

/** The flag of `perennial-train ingest` that names the column of a role. */
export const COLUMN_FLAGS: Readonly<Record<ColumnRole, string>> = {
  userId: '--user-column',
  itemId: '--item-column',
  timestamp: '--time-column',
  quantity: '--quantity-column',
  price: '--price-column',
  currency: '--currency-column',
  eventType: '--event-column',
  categoryPath: '--category-column',
  title: '--title-column',
  orderId: '--order-column',
}

/** Header names that say their meaning, in lower case with separators removed. */
const KNOWN_NAMES: Readonly<Record<ColumnRole, string>> = {
  userId:
    'userid user customerid customer customerno customernumber custid clientid client buyerid buyer memberid member shopperid visitorid accountid kundennummer kundennr kundenid kunde 客户编号 客户id 用户id 用户编号 会员id 买家id 会员编号',
  itemId:
    'itemid item productid product sku skuid stockcode itemcode productcode articleid article articlenumber articleno asin productsku artikelnummer artikelnr artikelid artikel 商品编号 商品id 产品编号 产品id 货号 商品编码',
  timestamp:
    'timestamp time datetime date eventtime eventdate eventtimestamp orderdate ordertime orderedat purchasedate purchasetime purchasedat invoicedate transactiondate transactiontime tdat createdat zeitstempel datum bestelldatum kaufdatum rechnungsdatum 时间 日期 下单时间 购买时间 订单日期 交易时间 时间戳',
  quantity:
    'quantity qty units numunits itemquantity orderquantity menge anzahl stückzahl 数量 购买数量',
  price:
    'price unitprice itemprice productprice saleprice sellingprice preis einzelpreis stückpreis 价格 单价 售价',
  currency: 'currency currencycode währung waehrung 货币 币种',
  eventType:
    'eventtype event action behavior behaviour eventname ereignis ereignistyp 行为 行为类型 事件类型',
  categoryPath:
    'category categorypath categoryname categorycode productcategory producttype itemcategory kategorie warengruppe 类目 分类 商品类别 品类',
  title:
    'title name description productname producttitle itemname itemtitle productdescription itemdescription bezeichnung artikelbezeichnung beschreibung produktname titel 标题 名称 商品名称 产品名称 商品标题',
  orderId:
    'orderid order orderno ordernumber invoice invoiceno invoiceid invoicenumber transactionid basketid receiptid bestellnummer bestellnr rechnungsnummer belegnummer 订单号 订单编号 订单id 发票号',
}

/** One column in use. */
export interface MappedColumn {
  readonly column: string
  /** `option`: named by the caller or a flag; `config`: by the file of `config`; `header`: guessed from its name. */
  readonly foundBy: 'option' | 'config' | 'header'
}

/** The columns in use by role. */
export type ResolvedMapping = Readonly<Partial<Record<ColumnRole, MappedColumn>>>

/** Options of {@link resolveMapping}. */
export interface ResolveMappingOptions {
  /** File that the header comes from, for messages. */
  readonly file: string
  /** Named by the caller; wins over `config`. */
  readonly mapping?: ColumnMapping | undefined
  /** Named in the configuration file. */
  readonly config?: ColumnMapping | undefined
  /** Roles to look for. @defaultValue all */
  readonly roles?: readonly ColumnRole[] | undefined
  /** Roles that must be found. */
  readonly required: readonly ColumnRole[]
}

/**
 * Returns the column of each role: named ones first, then those whose header name is known.
 *
 * @throws {@link RecommenderError} `INVALID_INPUT` if a named column is absent or occurs twice, if two
 * columns fit a role, or if a required role has none; the message lists the header and the flags.
 */
export function resolveMapping(
  header: readonly string[],
  { file, mapping = {}, config = {}, roles = COLUMN_ROLES, required }: ResolveMappingOptions,
): ResolvedMapping {
  const found: Partial<Record<ColumnRole, MappedColumn>> = {}
  for (const role of roles) {
    const given = mapping[role] !== undefined ? mapping[role] : config[role]
    if (given === undefined || given === null) continue
    checkPresent(header, given, `${file}, line 1: ${COLUMN_FLAGS[role]}`)
    found[role] = { column: given, foundBy: mapping[role] === undefined ? 'config' : 'option' }
  }
  const taken = new Set(Object.values(found).map(({ column }) => column))
  for (const role of roles) {
    if (mapping[role] !== undefined || config[role] !== undefined) continue
    const names = KNOWN_NAMES[role].split(' ')
    const fits = header.filter((name) => !taken.has(name) && names.includes(normalizeName(name)))
    if (fits.length > 1) {
      throw new RecommenderError(
        'INVALID_INPUT',
        `${file}, line 1: the columns ${quoteAll(fits)} could each be the ${role}. Name one with ${COLUMN_FLAGS[role]}.`,
      )
    }
    if (fits[0] !== undefined) found[role] = { column: fits[0], foundBy: 'header' }
  }
  const missing = required.filter((role) => found[role] === undefined)
  if (missing.length > 0) throw describeMissing(file, header, missing)
  return found
}

/** Returns the position of a role's column in the header, or -1 if it has none. */
export function positionOf(
  header: readonly string[],
  mapping: ResolvedMapping,
  role: ColumnRole,
): number {
  const mapped = mapping[role]
  // An unnamed column, as pandas writes its index, must not stand for a role without a column.
  return mapped === undefined ? -1 : header.indexOf(mapped.column)
}

function checkPresent(header: readonly string[], column: string, where: string): void {
  const count = header.filter((name) => name === column).length
  if (count === 1) return
  const problem = count === 0 ? 'is not in the header' : `occurs ${count} times in the header`
  const wayOut = count === 0 ? 'Name one of these columns.' : 'Rename one of them in the file.'
  throw new RecommenderError(
    'INVALID_INPUT',
    `${where}: the column '${column}' ${problem} (${quoteAll(header)}). ${wayOut}`,
  )
}

function describeMissing(
  file: string,
  header: readonly string[],
  missing: readonly ColumnRole[],
): RecommenderError {
  const looksLikeData = header.some((name) => /^-?\d+([.,]\d+)?$|^\d{4}-\d{2}-\d{2}/.test(name))
  const flags = missing.map((role) => `${COLUMN_FLAGS[role]} for the ${role}`).join(', ')
  const hints = [
    looksLikeData ? 'The first line looks like data: add a header line with column names.' : '',
    header.length === 1 ? 'Only one column was found: name the delimiter with --delimiter.' : '',
  ]
  return new RecommenderError(
    'INVALID_INPUT',
    [
      `${file}, line 1: no column was recognised as ${missing.join(', ')} in the header (${quoteAll(header)}).`,
      ...hints.filter((hint) => hint !== ''),
      `Name the columns with ${flags}.`,
    ].join(' '),
  )
}

function normalizeName(name: string): string {
  return name.toLowerCase().replace(/[\s_.\-/]+/g, '')
}

function quoteAll(names: readonly string[]): string {
  const shown = names.slice(0, 30).map((name) => `'${name}'`)
  return shown.join(', ') + (names.length > 30 ? ` and ${names.length - 30} more` : '')
}
