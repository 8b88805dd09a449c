import { describe, expect, test } from 'vitest'
import { type ColumnRole, resolveMapping } from './column-mapping.ts'

const required: readonly ColumnRole[] = ['userId', 'itemId', 'timestamp']

function columnsOf(header: string): Record<string, string | undefined> {
  const found = resolveMapping(header.split(','), { file: 'x.csv', required })
  return Object.fromEntries(Object.entries(found).map(([role, { column }]) => [role, column]))
}

describe('resolveMapping', () => {
  test('knows headers of well-known exports', () => {
    expect(
      columnsOf('Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country'),
    ).toEqual({
      userId: 'Customer ID',
      itemId: 'StockCode',
      timestamp: 'InvoiceDate',
      quantity: 'Quantity',
      price: 'Price',
      title: 'Description',
      orderId: 'Invoice',
    })
    expect(
      columnsOf('event_time,event_type,product_id,category_code,brand,price,user_id,user_session'),
    ).toEqual({
      userId: 'user_id',
      itemId: 'product_id',
      timestamp: 'event_time',
      price: 'price',
      eventType: 'event_type',
      categoryPath: 'category_code',
    })
    expect(columnsOf('Kundennummer,Artikelnummer,Bestelldatum,Menge,Einzelpreis,Währung')).toEqual({
      userId: 'Kundennummer',
      itemId: 'Artikelnummer',
      timestamp: 'Bestelldatum',
      quantity: 'Menge',
      price: 'Einzelpreis',
      currency: 'Währung',
    })
    expect(columnsOf('用户id,商品编号,下单时间,数量,单价')).toEqual({
      userId: '用户id',
      itemId: '商品编号',
      timestamp: '下单时间',
      quantity: '数量',
      price: '单价',
    })
  })

  test('does not guess a column that is named for another meaning', () => {
    const mapping = { userId: 'customer', itemId: 'sku', title: 'product' }
    const found = resolveMapping(['customer', 'sku', 'product', 'date'], {
      file: 'x.csv',
      mapping,
      required,
    })
    expect(found).toEqual({
      userId: { column: 'customer', foundBy: 'option' },
      itemId: { column: 'sku', foundBy: 'option' },
      title: { column: 'product', foundBy: 'option' },
      timestamp: { column: 'date', foundBy: 'header' },
    })
  })

  test('says what is missing and how to name it', () => {
    expect(() => columnsOf('who,sku,when')).toThrowErrorMatchingInlineSnapshot(
      `[RecommenderError: x.csv, line 1: no column was recognised as userId, timestamp in the header ('who', 'sku', 'when'). Name the columns with --user-column for the userId, --time-column for the timestamp.]`,
    )
  })
})
