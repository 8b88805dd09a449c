import type { DatasetFacts } from '../dataset-facts.ts'

/** Facts of UCI Online Retail II: two years of a giftware shop in the United Kingdom. */
export const onlineRetailFacts: DatasetFacts = {
  name: 'online-retail-ii',
  title: 'UCI Online Retail II: two years of a giftware shop in the United Kingdom',
  folder: 'online-retail-ii',
  source: 'https://archive.ics.uci.edu/dataset/502/online+retail+ii',
  licence: 'CC BY 4.0 (UCI)',
  files: [
    {
      name: 'year-2009-2010.csv',
      bytes: 45984216,
      sha256: '054ed24428358a5f204c9ba872629cdf7816f0d60ba09bf3538d7aa4f0594b40',
      gzipBytes: 7358641,
      gzipSha256: '4e680b8b7c021dfb8be0bac0426e540cafc644d123fd9d1e2720f22f02779fa9',
    },
    {
      name: 'year-2010-2011.csv',
      bytes: 47226065,
      sha256: 'dd502cdd0d43c069a32dc1cb96cccffdfc71288d18041d34820f5a9c5442733c',
      gzipBytes: 7560960,
      gzipSha256: 'b397debcd1e5269b35c9b294734164f3be610dbf4b2f824177a7ba88bb411049',
    },
  ],
  byHand:
    'UCI offers one Excel file; each of its two sheets is saved as CSV with the columns invoice, stock_code, description, quantity, invoice_date (yyyy-MM-ddTHH:mm:ss), price, customer_id, country.',
  counts: { users: 5_852, items: 4_619, events: 788_187 },
}
